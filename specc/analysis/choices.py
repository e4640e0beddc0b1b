"""Open conditions of a model that is checked on its own: each is taken both ways, run by run.

Those of the models that it applies are among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from specc.analysis.asking import condition
from specc.analysis.frame import Frame
from specc.analysis.plain import COMPARISONS
from specc.analysis.values import Plain, Undecided
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Facts, Poly
from specc.types.terms import Term

MOST_RUNS = 16
"""Runs of one model; conditions that are met after that are taken one way only."""


Question = tuple[str, Poly | Term]


class OnBatch(Exception):
    """A condition asks how many rows there are, which nothing ever fixes."""


class Choices:
    """The answers of one run: those ``given`` come first, every later one is true.

    What an answer says about sizes is a fact from then on.
    """

    def __init__(self, given: tuple[bool, ...]) -> None:
        self.given = given
        self.made: dict[Question, bool] = {}
        self.asked: dict[Question, bool] = {}
        """Those that were met, also again, since `listen` was called."""
        self.learned: list[Callable[[Facts], Facts]] = []

    @contextmanager
    def listen(self) -> Iterator[dict[Question, bool]]:
        """The answers that an applied model relies on."""
        outer, self.asked = self.asked, {}
        inner = self.asked
        try:
            yield inner
        finally:
            self.asked = outer | inner

    def agree(self, answers: Mapping[Question, bool]) -> bool:
        """Whether these are the answers that were given."""
        return all(self.made.get(question) is answer for question, answer in answers.items())

    def facts(self, known: Facts) -> Facts:
        """What is known, and what the answers say about sizes."""
        for learn in self.learned:
            known = learn(known)
        return known

    def others(self) -> list[tuple[bool, ...]]:
        """The runs that are still to be made because of this one."""
        made = tuple(self.made.values())
        return [(*made[:number], False) for number in range(len(self.given), len(made))]

    def answer(self, node: tree.Expr, frame: Frame) -> bool:
        """The truth of a condition that nothing known decides; raises `OnBatch`."""
        match node:
            case tree.Paren(inner=inner):
                return self.answer(inner, frame)
            case tree.Unary(op="not", operand=operand):
                return not self.answer(operand, frame)
            case tree.Binary(op="and" | "or" as op, left=left, right=right):
                first = self._truth(left, frame)
                return first if first is (op == "or") else self._truth(right, frame)
            case tree.Binary(op=op, left=left, right=right) if op in COMPARISONS:
                one, other = frame.evaluate(left), frame.evaluate(right)
                if isinstance(one, Plain) and isinstance(other, Plain):
                    return self._compared(op, one.dim(), other.dim(), frame)
        decided = condition(node, frame)
        assert decided is not None
        return self._chosen("is", decided[1].term)

    def _truth(self, node: tree.Expr, frame: Frame) -> bool:
        decided = condition(node, frame)
        assert decided is not None
        truth, _ = decided
        return self.answer(node, frame) if isinstance(truth, Undecided) else truth

    def _compared(self, op: str, left: Dim, right: Dim, frame: Frame) -> bool:
        if not frame.batch.isdisjoint((left.poly - right.poly).variables):
            raise OnBatch
        if op in ("==", "!="):
            equal = self._chosen("==", left.poly - right.poly)
            if equal:
                self._learn(frame, lambda facts: facts.with_equal(left.poly, right.poly))
            return equal == (op == "==")
        if op in ("<", "<="):
            left, right = right, left
        least = 1 if op in ("<", ">") else 0
        more = left.poly - right.poly
        if self._chosen(">=", more - least):
            self._learn(frame, lambda facts: facts.with_at_least(more, least))
            return True
        self._learn(frame, lambda facts: facts.with_at_least(-more, 1 - least))
        return False

    def _learn(self, frame: Frame, learn: Callable[[Facts], Facts]) -> None:
        self.learned.append(learn)
        frame.facts = learn(frame.facts)

    def _chosen(self, op: str, what: Poly | Term) -> bool:
        question = (op, what)
        if question not in self.made:
            number = len(self.made)
            self.made[question] = self.given[number] if number < len(self.given) else True
        self.asked[question] = self.made[question]
        return self.made[question]
