"""Binding names, and the steps of the IR that compute what they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis import declared
from specc.analysis import errors_names as naming
from specc.analysis import errors_values as errors
from specc.analysis.definitions import FileScope
from specc.analysis.frame import Context, Frame
from specc.analysis.iterations import Iterations
from specc.analysis.keys import map_value_terms
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    RecordValue,
    TensorValue,
    Value,
    describe,
    holds_tensors,
    plain_term,
    tensor_of,
)
from specc.analysis.walks import hold, hold_columns
from specc.components.site import Precondition
from specc.diagnostics import Label, Span
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.tensor import TensorType
from specc.types.terms import Const, FunctionCall, Ref, Term, names, substitute

if TYPE_CHECKING:
    from specc.analysis.choices import Choices
    from specc.analysis.models import Models


Evidence = dict[str, list[tuple[tuple[int, ...], ir.Construct | ir.ModelConstruct]]]


class LayerUse(Struct, frozen=True):
    """One application: where it stands, what it is, and what it gives.

    ``attribute`` names the submodule, if there is one; ``path`` the iteration of each loop around
    it. ``variant`` is the key of an applied model's analysis.
    """

    attribute: str | None
    path: tuple[int, ...]
    component: str
    outputs: tuple[TensorType, ...]
    variant: str | None = None


class Bindings(Frame):
    """A frame that gathers the steps of the IR."""

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        attributes: Mapping[int, str],
        loop_names: Mapping[int, str],
    ) -> None:
        super().__init__(context, scope)
        self.models = models
        self.attributes = attributes
        self.loop_names = loop_names
        self.steps: list[steps.Step] = []
        self.evidence: Evidence = {}
        self.path: tuple[int, ...] = ()
        self.copies = 1
        """How often the current place is repeated by the loops around it."""
        self.submodules = 0
        self.outputs: dict[str, TensorValue] = {}
        self.lost_output = False
        """True where an output was written that is not a tensor, which was reported."""
        self.preconditions: list[tuple[Precondition, Span]] = []
        self.choices: Choices | None = None
        """How open conditions are answered where the model is checked on its own."""
        self.open = False
        """True where the model is checked on its own, with free parameters."""
        self.definitions: dict[str, Term] = {}
        """What the local plain names and dim names stand for now, written with parameters, dims of
        the inputs and names of loops alone."""
        self.snapshots: dict[tuple[str, tuple[int, ...]], dict[str, Term]] = {}
        """The definitions of the names that a submodule was built with, where it was built."""
        self.read_as_tensors: frozenset[str] = frozenset()
        """Names for which the first field of a record is all that is ever wanted."""
        self.plain: set[str] = set()
        """The plain names that were bound, as steps of their own."""
        self.pending: list[steps.Step] = []
        self.layers: list[LayerUse] = []
        """Every application in order, for those who want to see the model as a table."""
        self.recipe_uses: dict[tuple[str, int], Span] = {}
        """Where a name that stands for a recipe was applied first."""

        self.loop_runs: dict[tuple[tuple[int, ...], str], Iterations] = {}
        """The loops that were run, by the iterations of the loops around them and their labels."""
        self.entered: dict[str, Term] = {}
        """How the sizes that entered the current iterations were written outside of them."""
        self.loops: tuple[str, ...] = ()
        """The labels of the loops around the current place."""
        self.nesting: dict[str, tuple[str, ...]] = {}
        """The labels of the loops around each submodule."""
        self.demands: list[tuple[Term, Term]] = []
        """What the class serves one value of alone, written with parameters, and that value."""
        self.rows: dict[str, Term] = {}
        """What the names of the loops around the current place hold, written without them."""
        self.unrolled: set[str] = set()
        """Submodules of loops that are emitted iteration by iteration."""

    def misplaced(self, span: Span, message: str) -> None:
        self.error(naming.UNKNOWN_STATEMENT, message, span, "does not stand here")

    # --- binding -------------------------------------------------------------------------------

    def assign(self, node: tree.Assign) -> None:
        """``a = value``, ``a, b = value``, ``a: type = value``."""
        if node.value is None:
            self.misplaced(node.span, "only an `input` is declared without a value")
            return
        value = self.evaluate(node.value)
        if len(node.targets) > 1:
            self.unpack(node, value)
            return
        self.bind_value(node.targets[0], self.annotated(node, value))

    def annotated(self, node: tree.Assign, value: Value) -> Value:
        """The value checked against the type after the colon; binds the dims it names."""
        if node.type is None or isinstance(value, Poison):
            return value
        return declared.check(self, node.type, value, node)

    def bind_value(self, target: tree.Name, value: Value, fixed: str = "") -> None:
        """Bind a name and emit the step that computes it."""
        self.forget(target.id)
        if isinstance(value, RecordValue) and target.id in self.read_as_tensors:
            value = tensor_of(value)
        if isinstance(value, RecordValue):
            value = self.bind_record(target.id, value)
        elif isinstance(value, TensorValue):
            self.let((target.id,), value.expr, (value.type,))
            value = replace(value, expr=ir.Local(target.id))
        elif isinstance(value, ListValue) and value.expr is not None:
            value = hold(self, target.id, value)
        elif isinstance(value, ListValue) and holds_tensors(value):
            value = hold_columns(self, target.id, value)
        elif isinstance(value, ListValue) and not value.items:
            # Empty, it may become a list of either kind: `skips = skips + [h]`.
            self.let((target.id,), ir.Sequence(()), ())
            self.bind_plain(target.id, value)
            value = ListValue((), Ref(target.id), ir.Local(target.id), length=Const(0))
        elif isinstance(value, (Plain, ListValue)):
            value = self.bind_plain(target.id, value)
        self.bind(target, value, fixed)
        self.steps += self.pending
        self.pending = []

    def named_axes(self, target: str, named: Sequence[tuple[str, int, Dim]], rank: int) -> None:
        """The names that an annotation gives to axes; emitted after the value is bound."""
        for name, _, dim in named:
            self.definitions[name] = substitute(dim.term, self.definitions)
        if named:
            # Where a plain name is bound again later, what it stands for now is written instead.
            rebound = {w: t for w, t in self.definitions.items() if w in self.plain}
            axes = tuple((name, axis, substitute(dim.term, rebound)) for name, axis, dim in named)
            self.pending.append(steps.NameDims(target, axes, rank))

    def define(self, name: str, term: Term, value: Plain | ListValue) -> None:
        """Remember what a plain name stands for, written with names that never change."""
        try:
            self.definitions[name] = substitute(term, self.definitions)
        except TooComplex:  # doubled too often to be written out: the number will do
            known = value.value if isinstance(value, Plain) else None
            self.definitions[name] = Const(known) if isinstance(known, int) else term

    def bind_plain(self, name: str, value: Plain | ListValue) -> Value:
        """A plain value is computed where it is bound, and referred to by name after that."""
        term = plain_term(value)
        if term is None:
            return value
        if isinstance(term, FunctionCall) and term.name in ("zip", "reversed"):
            term = FunctionCall("list", (term,))  # what is read once in Python, and any time here
        self.steps.append(steps.Bind(name, term))
        self.plain.add(name)
        self.define(name, term, value)
        if isinstance(value, ListValue):
            return replace(value, term=Ref(name))
        if isinstance(value.value, Dim):
            return Plain(Dim(value.value.poly, Ref(name)), Ref(name))
        return replace(value, term=Ref(name))

    def bind_record(self, name: str, value: RecordValue) -> RecordValue:
        """Keep the call that the fields share in one local, so that it is made once."""
        exprs = [field.expr for field in value.fields.values()]
        calls = [
            node
            for node in ir.walk(exprs[0])
            if isinstance(node, ir.Apply) and all(node in list(ir.walk(e)) for e in exprs[1:])
        ]
        if not calls:
            return value
        self.let((name,), calls[0], ())
        local = ir.Local(name)
        fields = {
            key: replace(field, expr=ir.replaced(field.expr, calls[0], local))
            for key, field in value.fields.items()
        }
        return RecordValue(fields, local)

    def forget(self, name: str) -> None:
        """A plain name gets a new value: sizes written with it keep the old one."""
        before = self.names.get(name)
        if before is None or not isinstance(before.value, Plain):
            return
        old = before.value.value
        if isinstance(old, int) and not isinstance(old, bool):
            mapping: dict[str, Term] = {
                name: self.definitions.get(name, self.rows.get(name, Const(old)))
            }
            for key, binding in list(self.names.items()):
                changed = map_value_terms(binding.value, lambda t: substitute(t, mapping))
                if changed is not binding.value and key != name:
                    self.names[key] = replace(binding, value=changed)

    def unpack(self, node: tree.Assign, value: Value) -> None:
        """``a, b = value``."""
        if isinstance(value, Poison):
            for target in node.targets:
                self.bind(target, POISON)
            return
        items = value.items if isinstance(value, ListValue) else None
        if items is None or len(items) != len(node.targets):
            got = f"{len(items)} values" if items is not None else describe(value)
            assert node.value is not None
            self.error(
                errors.BAD_UNPACK,
                f"{len(node.targets)} names for {got}",
                node.targets[0].span.to(node.targets[-1].span),
                f"{len(node.targets)} names",
                labels=(Label(node.value.span, got),),
                help="fields of a record are read by name: "
                + ", ".join(f"`r.{name}`" for name in value.fields)
                if isinstance(value, RecordValue)
                else "write as many names as there are values; `_` for one that is not needed"
                if items is not None
                else "only lists are unpacked, such as the result of `chunk` or `split`",
            )
            for target in node.targets:
                self.bind(target, POISON)
            return
        assert isinstance(value, ListValue)
        self.only_for(value.count, Const(len(items)))
        if value.expr is None:
            for target, item in zip(node.targets, items, strict=True):
                self.bind_value(target, item)
            return
        tensors = [tensor_of(item) for item in items]
        names_ = tuple(target.id for target in node.targets)
        self.let(names_, value.expr, tuple(tensor.type for tensor in tensors))
        for target, tensor in zip(node.targets, tensors, strict=True):
            self.bind(target, TensorValue(tensor.type, ir.Local(target.id)))

    def let(self, targets: tuple[str, ...], expr: ir.Expr, types: tuple[TensorType, ...]) -> None:
        """Emit ``targets = expr``; a ternary as the `if` that it is.

        So it may create submodules on one side alone, and a side that was never analysed is known.
        """
        while not isinstance(expr, ir.Choose):
            choice = next((n for n in ir.walk(expr) if isinstance(n, ir.Choose)), None)
            if choice is None:
                self.compute(targets, expr, types)
                return
            # Named after the target, so that all iterations of a loop have one name for it.
            count = sum(1 for n in ir.walk(expr) if isinstance(n, ir.Choose))
            name = f"{targets[0]}_choice_{count}" if count > 1 else f"{targets[0]}_choice"
            self.let((name,), choice, ())
            expr = ir.replaced(expr, choice, ir.Local(name))
        then, otherwise = (
            None if side is None else self.gather(partial(self.let, targets, side, types))
            for side in (expr.then, expr.otherwise)
        )
        self.steps.append(steps.Decide(expr.condition, then, otherwise))

    def compute(
        self, targets: tuple[str, ...], expr: ir.Expr, types: tuple[TensorType, ...]
    ) -> None:
        """Emit the step that computes an expression without ternaries."""
        shown = tuple(
            steps.ShownType(_element(type_), tuple(dim.term for dim in type_.dims))
            for type_ in types
        )
        self.steps.append(steps.Let(targets, expr, (), shown))

    def only_for(self, written: Term, value: Term) -> None:
        outside = substitute(substitute(written, self.definitions), self.rows)
        if names(outside):
            self.demands.append((outside, value))

    def gather(self, run: Callable[[], None]) -> tuple[steps.Step, ...]:
        """The steps that ``run`` emits, taken out of the current list."""
        outer, self.steps = self.steps, []
        try:
            run()
            return tuple(self.steps)
        finally:
            self.steps = outer

    def hoist(self, expr: ir.Expr, node: tree.Node, suffix: str) -> ir.Expr:
        """An expression that is used more than once, computed once into a local."""
        if isinstance(expr, (ir.Local, ir.Submodule, ir.Plain)):
            return expr
        name = f"{self.attributes.get(id(node), 'value')}_{suffix}"
        self.let((name,), expr, ())
        return ir.Local(name)


def _element(type_: TensorType) -> str:
    return str(type_.element)
