"""The statements of a model or a train section, run over types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import errors_values as errors
from specc.analysis import loops, scans
from specc.analysis.applications import Applications
from specc.analysis.apply import not_a_tensor
from specc.analysis.asking import condition, undecided
from specc.analysis.choices import OnBatch
from specc.analysis.definitions import Binding, FileScope
from specc.analysis.evaluate import evaluate
from specc.analysis.facts import learn
from specc.analysis.frame import Frame
from specc.analysis.pipes import configured, stage_target
from specc.analysis.reading import nodes
from specc.analysis.values import (
    POISON,
    Instance,
    Plain,
    Poison,
    Recipe,
    TensorValue,
    Undecided,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.components import Component
from specc.components.site import Precondition
from specc.diagnostics import Collector, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.limits import TooComplex

if TYPE_CHECKING:
    pass


class Body(Applications):
    """Runs statements, gathers the steps of the IR and what each submodule was built from."""

    kinds: Sequence[str] = ("layer",)
    recipe_kinds: Sequence[str] = ("layer",)
    statement_kinds: Sequence[str] = ("input", "output", "shared")
    # --- statements ----------------------------------------------------------------------------

    def run(self, body: Sequence[tree.Statement]) -> None:
        """Run statements in order."""
        for statement in body:
            self.context.budget.spend(statement.span)
            before = self.context.collector.errors
            try:
                with self.context.deeper(statement.span):
                    self.statement(statement)
            except TooComplex as reason:
                if self.context.collector.errors == before:  # else it is the same once more
                    self.too_complex(reason, statement.span)

    def statement(self, node: tree.Statement) -> None:
        match node:
            case tree.Assign(kind=None):
                self.assign(node)
            case tree.Assign(kind=tree.Name(id=kind)) if kind in self.statement_kinds:
                getattr(self, f"on_{kind}")(node)
            case tree.Assign(kind=tree.Name() as kind):
                self.wrong_kind(kind)
                for target in node.targets:  # uses of it are not mistakes of their own
                    self.names.setdefault(target.id, Binding(POISON, target.span))
            case tree.If():
                self.decide(node.branches, node.otherwise)
            case tree.For() | tree.Repeat():
                loops.run(self, node)
            case tree.Assert():
                self.claim(node)
            case tree.Section():
                self.misplaced(node.word.span, "a section stands at the top of a file")
            case tree.Scan():
                scans.run(self, node)
            case _:
                self.misplaced(node.span, "this stands at the top of a file")

    def wrong_kind(self, kind: tree.Name) -> None:
        listed = ", ".join(f"`{each}`" for each in self.statement_kinds)
        home = naming.HOMES.get(kind.id)
        self.error(
            naming.UNKNOWN_STATEMENT,
            f"`{kind.id}` stands in {home}"
            if home
            else f"`{kind.id}` is no kind of statement here",
            kind.span,
            "not here" if home else "unknown",
            help=(None if home else did_you_mean(kind.id, self.statement_kinds))
            or f"here stand {listed}"
            + ("" if home else f"; a name is bound without a word: leave out `{kind.id}`"),
        )

    def on_shared(self, node: tree.Assign) -> None:
        """``shared name = recipe``: one instance, whatever the number of uses."""
        (target, *more) = node.targets
        if more or node.value is None:
            self.misplaced(node.span, "`shared` binds one name to one component")
            return
        match node.value:
            case tree.Call():
                value = configured(node.value, self)
            case _:
                value = stage_target(node.value, self)
        if isinstance(value, Recipe):
            self.steps.append(steps.Declare(steps.Site(target.id, (), False)))
            self.bind(target, Instance(target.id, value, target.span), "a shared instance")
        elif isinstance(value, (Instance, Poison)):
            self.bind(target, value, "a shared instance")
        else:
            self.error(
                meaning.NOT_APPLICABLE,
                f"`shared` takes a component or a model, not {describe(value)}",
                node.value.span,
                "not a component",
                help="a tensor can be used any number of times without `shared`"
                if is_tensor(value)
                else None,
            )
            self.bind(target, POISON)

    def on_output(self, node: tree.Assign) -> None:
        """``output name = tensor``."""
        if node.value is None:
            self.misplaced(node.span, "an `output` needs a value")
            return
        target = node.targets[0]
        value = self.annotated(node, self.evaluate(node.value))
        if not is_tensor(value):
            self.lost_output = True
            not_a_tensor(self, value, node.value.span, "output")
            self.bind(target, POISON)
            return
        tensor = tensor_of(value)
        if target.id in self.outputs:
            self.error(
                naming.DEFINED_TWICE,
                f"there are two outputs `{target.id}`",
                target.span,
                "the second one",
                labels=(Label(self.names[target.id].span, "the first one"),),
                help="give each its own name",
            )
            return
        self.bind_value(target, tensor)
        self.outputs[target.id] = TensorValue(tensor.type, ir.Local(target.id))

    # --- conditions ----------------------------------------------------------------------------

    def decide(
        self,
        branches: tuple[tree.Branch, ...],
        otherwise: tuple[tree.Statement, ...] | None,
    ) -> None:
        """An `if` chain: the branch that is taken, kept with its condition."""
        branch, *rest = branches
        decided = condition(branch.condition, self)
        if decided is None:
            return
        truth, written = decided
        how = "is"
        if isinstance(truth, Undecided):
            answered = self.answer(branch.condition)
            if answered is None:
                undecided(self, branch.condition)
                inside = (*(each.body for each in branches), otherwise or ())
                for each in nodes(inside):  # uses of what it binds are not mistakes of their own
                    if isinstance(each, tree.Assign):
                        for target in each.targets:
                            self.names[target.id] = Binding(POISON, target.span)
                return
            truth, how = answered, "may be"
        for side in (*(b.body for b in rest), otherwise or ()) if truth else (branch.body,):
            self.not_run(side, branch.condition, f"{how} {'true' if truth else 'false'} here")
        if truth:
            then = self.gather(lambda: self.run(branch.body))
            self.steps.append(steps.Decide(written.term, then, None))
            return
        other = self.gather(lambda: self.alternative(tuple(rest), otherwise))
        self.steps.append(steps.Decide(written.term, None, other))

    def not_run(self, side: Sequence[tree.Statement], condition: tree.Expr, why: str) -> None:
        """Note that a side of an `if` is not taken: names that it binds are not bound."""
        if side:
            whole = side[0].span.to(side[-1].span)
            sizes = self.sizes_in(condition)
            told = f"{why}, where {sizes.removeprefix('here ')}" if sizes else why
            self.skipped[whole] = Label(condition.span, told)

    def alternative(
        self, rest: tuple[tree.Branch, ...], otherwise: tuple[tree.Statement, ...] | None
    ) -> None:
        if rest:
            self.decide(rest, otherwise)
        elif otherwise:
            self.run(otherwise)

    def answer(self, node: tree.Expr) -> bool | None:
        if self.choices is None:
            return None
        try:
            return self.choices.answer(node, self)
        except OnBatch:
            return None

    def claim(self, node: tree.Assert) -> None:
        """``assert``: decided where it can be, else a condition on the inputs."""
        decided = condition(node.condition, self)
        if decided is None:
            return
        truth, _ = decided
        if isinstance(truth, Undecided):
            self.facts = learn(self, node.condition)
            return
        if not truth:
            self.error(
                errors.ASSERTION_FAILED,
                node.message.value if node.message else "the assertion does not hold",
                node.condition.span,
                "is false",
                labels=self.blame(),
                help=self.sizes_in(node.condition),
            )
            self.abandon()

    def abandon(self) -> None:
        """What follows a failed assertion relies on it."""

    def sizes_in(self, node: tree.Expr) -> str | None:
        """The values of the names in a condition, for a message."""
        found: dict[str, str] = {}
        for name in nodes(node):
            if isinstance(name, tree.Name) and name.id not in found:
                binding = self.find(name.id)
                if binding is not None and isinstance(binding.value, Plain):
                    value = str(binding.value.value)
                    if value != name.id:
                        found[name.id] = value
        return "here " + ", ".join(f"{k} = {v}" for k, v in found.items()) if found else None

    def blame(self) -> tuple:  # type: ignore[type-arg]
        """Where the body was applied from, as labels."""
        return ()

    # --- the rest ------------------------------------------------------------------------------

    def evaluate(self, node: tree.Expr) -> Value:
        return evaluate(node, self)

    def top_level(self, scope: FileScope) -> Frame:
        """A frame for what stands outside of bodies: constants and defaults."""
        return Body(self.context, scope, self.models, {}, {})

    def conditions(self, found: list[Precondition], place: Span) -> None:
        self.preconditions += [(each, place) for each in found]

    def fitted(
        self, component: Component, spans: Mapping[str, Span], place: Span
    ) -> Mapping[str, Dim] | None:
        return {}

    def quietly(self, run: Callable[[], Value]) -> Value:
        outer, self.context.collector = self.context.collector, Collector()
        before, demands = len(self.steps), len(self.demands)
        try:
            return run()
        finally:
            del self.steps[before:]
            del self.demands[demands:]
            self.context.collector = outer
