"""Where an expression is evaluated: the names it sees, and what it may apply."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from specc.analysis import errors_names as errors
from specc.analysis import unknown
from specc.analysis.broken import Broken
from specc.analysis.definitions import Binding, FileScope
from specc.analysis.errors_values import TOO_COMPLEX, TOO_DEEP, TOO_LARGE
from specc.analysis.reading import LoopBody
from specc.analysis.values import POISON, Instance, Part, Poison, Recipe, Special, Value
from specc.components import Component
from specc.components.data import Schema
from specc.components.site import Precondition
from specc.diagnostics import Code, Collector, Diagnostic, Label, Span, SpecError
from specc.ir import expr as ir
from specc.registry import Registry
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Facts
from specc.types.terms import Term

FREE_STEPS = 30_000
"""Steps that loops and repeated models may take beyond one for each character of the source."""

MOST_SUBMODULES = 200_000
LONGEST_LOOP = 100_000
DEEPEST = 400
"""Expressions, blocks and models inside one another; `RECURSION` is what Python needs for them."""

RECURSION = 8_000


class Budget(Struct):
    """Bounds the work of one analysis, so that every spec ends, and soon."""

    steps: int = 0
    most: int = FREE_STEPS
    repeats: int = 1
    """How often the current place is run by loops whose iterations differ."""

    def spend(self, span: Span) -> None:
        """Count one evaluated expression or statement; raises `SpecError` past the limit."""
        self.steps += 1
        if self.steps > self.most:
            self._refuse(span, f"this program takes more than {self.most:,} steps to analyse")

    def foresee(self, count: int, steps: int, span: Span) -> None:
        """Refuse a loop whose iterations will pass the limit, before they are run."""
        if self.steps + self.repeats * count * steps > self.most:
            self._refuse(span, f"{count:,} iterations that differ are too many to analyse")

    def _refuse(self, span: Span, message: str) -> None:
        raise SpecError(
            Diagnostic(
                TOO_LARGE,
                message,
                span,
                "the limit is passed here",
                help="iterations that are alike cost nothing: `repeat n { ... }` without `as i`",
            )
        )


@dataclass
class Context:
    """What is common to the whole analysis of a program."""

    registry: Registry
    collector: Collector
    budget: Budget = field(default_factory=Budget)
    depth: int = 0
    """Expressions and bodies that are being evaluated inside one another."""

    broken: Broken = field(init=False)
    """What could not be read: its names may be anything."""

    known: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)
    """Sizes that the data gave: ``Digits.label.classes`` -> 10."""

    schemas: Mapping[str, Schema] = field(default_factory=dict)
    """What the sources of data sections hold, where they are not to be asked again."""

    ragged: set[str] = field(default_factory=set)
    """Sizes that differ from row to row, so that a batch is padded: ``Ner.T``."""

    measured: set[str] = field(default_factory=set)
    """Those of them whose least and greatest are known, as the data was read."""

    loops: dict[int, LoopBody] = field(default_factory=dict)
    """What is written in the loops that were run, by the identity of their tree nodes."""

    trains: frozenset[str] = frozenset()
    """The names of all train sections of the file."""

    open_run: Callable[[str], Any] | None = None
    """Checks the spec that a run keeps; gives its train section, or raises `Refusal`."""

    def __post_init__(self) -> None:
        self.broken = Broken.of(self.collector.diagnostics)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))

    @contextmanager
    def deeper(self, span: Span) -> Iterator[None]:
        """One level more; raises `SpecError` where there are too many."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise SpecError(
                    Diagnostic(
                        TOO_DEEP,
                        f"expressions, blocks and models are nested more than {DEEPEST} deep",
                        span,
                        "the limit is passed here",
                        help="what repeats is a loop: `repeat n { x = x |> Block }`",
                    )
                )
            yield
        finally:
            self.depth -= 1


class Frame(ABC):
    """A body that is being evaluated, with its names."""

    kinds: Sequence[str]
    """Kinds of components that may stand after ``|>`` here."""

    recipe_kinds: Sequence[str]
    """Kinds of components that may be named elsewhere."""

    wanted: Sequence[str] = ()
    """The kinds that the setting takes which is being read: what an unknown name was meant to
    be."""

    def __init__(self, context: Context, scope: FileScope) -> None:
        self.context = context
        self.scope = scope
        self.names: dict[str, Binding] = {}
        self.facts = Facts()
        self.skipped: dict[Span, Label] = {}
        """The sides of an `if` that were not taken, with the condition that decided it."""

    # --- diagnostics ---------------------------------------------------------------------------

    def error(
        self,
        code: Code,
        message: str,
        span: Span,
        label: str = "",
        *,
        help: str | None = None,
        labels: tuple[Label, ...] = (),
    ) -> Poison:
        """Report a mistake; gives the value that stands for its result.

        Where the syntax is broken already, what was read there is not judged again.
        """
        if not self.context.broken.holds(span):
            self.context.collector.report(
                Diagnostic(code, message, span, label, labels=labels, help=help)
            )
        return POISON

    def too_complex(self, reason: Exception, span: Span) -> Poison:
        """Report a size that grew beyond the limits of formulas."""
        return self.error(
            TOO_COMPLEX,
            str(reason),
            span,
            "the limit is passed here",
            help="give the input fixed sizes, or build this from fewer parts",
        )

    # --- names ---------------------------------------------------------------------------------

    def find(self, name: str) -> Binding | None:
        """The binding that a name has in this body, else in its file."""
        return self.names.get(name) or self.scope.names.get(name)

    def applicable(self, name: str) -> Value | None:
        """What a name stands for where only what can be applied counts: a size of this body may be
        called as a model of its file is."""
        bindings = (self.names.get(name), self.scope.names.get(name))
        kinds = (Recipe, Instance, Special, Poison)
        found = (b.value for b in bindings if b is not None and isinstance(b.value, kinds))
        return next(found, None)

    def bind(self, name: tree.Name, value: Value, fixed: str = "") -> None:
        """Give a name a value; names that are fixed keep theirs."""
        before = self.names.get(name.id)
        if before is not None and (before.fixed or fixed):
            what = before.fixed or "a name that is bound already"
            self.error(
                errors.FIXED_NAME if before.fixed else errors.DEFINED_TWICE,
                f"`{name.id}` is {what} and cannot be bound again",
                name.span,
                "bound again here",
                labels=(Label(before.span, "bound here"),),
                help=f"use another name, such as `{name.id}_2`",
            )
            return
        self.names[name.id] = Binding(value, name.span, fixed)

    def in_scope(self) -> list[str]:
        """All names that an expression could mean here, for suggestions."""
        return [*self.names, *self.scope.names]

    def unknown_name(self, name: tree.Name) -> Poison:
        """Report a name that nothing defines."""
        if self.context.broken.mentions(name.id):
            return POISON
        later = self.bound_later(name.id)
        if later is not None and later.start > name.span.start:
            return self.error(
                errors.UNKNOWN_NAME,
                f"`{name.id}` is used before it is bound",
                name.span,
                "not bound yet",
                labels=(Label(later, "bound here"),),
                help="move the line that binds it above this one",
            )
        not_taken = [
            label
            for side, label in self.skipped.items()
            if later is not None and side.start <= later.start < side.end
        ]
        if later is not None and not_taken:
            return self.error(
                errors.UNKNOWN_NAME,
                f"`{name.id}` is bound only where this `if` goes the other way",
                name.span,
                "not bound",
                labels=(Label(later, "bound here"), not_taken[-1]),
                help="bind it on the other side too, or before the `if`",
            )
        if self.wanted:
            return unknown.unknown_component(self, name.id, name.span)
        return self.error(
            errors.UNKNOWN_NAME,
            f"`{name.id}` is not defined",
            name.span,
            "not found in this scope",
            help=": ".join(filter(None, unknown.elsewhere(self, name.id) or ()))
            or unknown.nearest(self, name.id, self.wanted or self.kinds)
            or "bind it above this line, or declare it as an input",
        )

    def bound_later(self, name: str) -> Span | None:
        """Where this body binds a name for the first time, if it does."""
        return None

    def unknown_component(self, name: str, span: Span) -> Poison:
        """Report something that is applied or configured and is no component."""
        if self.context.broken.mentions(name.partition(".")[0]):
            return POISON
        return unknown.unknown_component(self, name, span)

    @contextmanager
    def wanting(self, *kinds: str) -> Iterator[None]:
        """While the value of a setting is read that takes components of these kinds."""
        outer, self.wanted = self.wanted, kinds
        try:
            yield
        finally:
            self.wanted = outer

    # --- evaluation ----------------------------------------------------------------------------

    @abstractmethod
    def evaluate(self, node: tree.Expr) -> Value:
        """The value of an expression. Mistakes are reported and give `POISON`."""

    def standing_alone(self, value: Value, node: tree.Expr) -> Value:
        """A recipe that takes no tensors is applied where it is written."""
        if isinstance(value, Recipe) and self.takes_no_tensors(value):
            return self.apply(value, Inputs(()), node, node.span)
        return value

    # --- application ---------------------------------------------------------------------------

    @abstractmethod
    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        """Apply a recipe or an instance to tensors; ``node`` identifies the application site."""

    @abstractmethod
    def judge(self, target: Value, place: Span) -> None:
        """Check the settings of what cannot be applied because its tensors are not known."""

    @abstractmethod
    def takes_no_tensors(self, recipe: Recipe) -> bool:
        """Whether it is applied where it is written, without a pipe."""

    @abstractmethod
    def member(self, part: Part, name: tree.Name) -> Value:
        """A tensor or submodule of an instance."""

    @abstractmethod
    def module_expr(self, value: Value) -> ir.Expr:
        """How an instance, a part of one, or a parameter is referred to."""

    @abstractmethod
    def fitted(
        self, component: Component, spans: Mapping[str, Span], place: Span
    ) -> Mapping[str, Dim] | None:
        """The sizes that a transform learns, for the field that is being defined.

        ``spans`` are those of its arguments. ``None`` where it is wrong, which is reported.
        """

    @abstractmethod
    def conditions(self, found: list[Precondition], place: Span) -> None:
        """Keep what an application demands of sizes that are free."""

    @abstractmethod
    def only_for(self, written: Term, value: Term) -> None:
        """What follows holds where ``written`` has this value: others are refused by the class."""

    @abstractmethod
    def top_level(self, scope: FileScope) -> Frame:
        """A frame for what stands outside of bodies in a file."""

    @property
    def batch(self) -> frozenset[str]:
        """The name that the number of rows has, where there are rows."""
        return frozenset()

    def answer(self, node: tree.Expr) -> bool | None:
        """The truth of a condition that nothing known decides; ``None`` leaves it open."""
        return None

    @abstractmethod
    def quietly(self, run: Callable[[], Value]) -> Value:
        """Evaluate without reporting and without emitting."""

    @abstractmethod
    def hoist(self, expr: ir.Expr, node: tree.Node, suffix: str) -> ir.Expr:
        """Compute an expression once, into a local."""


class Inputs(Struct, frozen=True):
    """The tensors that a pipe carries into a stage."""

    positional: tuple[tuple[Value, Span], ...]
    named: tuple[tuple[tree.Name, Value], ...] = ()
    whole: ir.Expr | None = None
    """The list that the positional tensors are the items of, where one was piped."""

    @property
    def poisoned(self) -> bool:
        return any(isinstance(value, Poison) for value, _ in self.positional) or any(
            isinstance(value, Poison) for _, value in self.named
        )
