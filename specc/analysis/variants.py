"""A model under one set of parameters and input types: its body, and what its analysis gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from specc.analysis import errors_shapes as shapes
from specc.analysis.bindings import Evidence, LayerUse
from specc.analysis.body import Body
from specc.analysis.declared import Shape, declared_input, element_of, fits
from specc.analysis.definitions import Binding, ModelDefinition
from specc.analysis.frame import Context
from specc.analysis.iterations import Iterations
from specc.analysis.reading import nodes
from specc.analysis.values import (
    POISON,
    Plain,
    Poison,
    Recipe,
    TensorValue,
    Value,
)
from specc.components.errors import BAD_KIND
from specc.components.site import Precondition
from specc.diagnostics import Code, Label, Span
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref, Term, names, substitute

_BY_INPUT = ("E0303", "E0304", "E0307", "E0309", "E04", "E0503")
"""Mistakes that a model makes with some inputs and parameters and not with others."""

if TYPE_CHECKING:
    from specc.analysis.models import Models


class Abandoned(Exception):
    """The rest of a body relies on an assertion that does not hold."""


class Variant(Struct, eq=False):
    """A model, analysed for one set of parameters and input types."""

    key: str
    definition: ModelDefinition
    parameters: Mapping[str, Value]
    inputs: dict[str, TensorType] = field(default_factory=dict)
    outputs: dict[str, TensorType] = field(default_factory=dict)
    steps: tuple[steps.Step, ...] = ()
    evidence: Evidence = field(default_factory=dict)
    unrolled: frozenset[str] = frozenset()
    loop_runs: dict[tuple[tuple[int, ...], str], Iterations] = field(default_factory=dict)
    nesting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    snapshots: dict[tuple[str, tuple[int, ...]], dict[str, Term]] = field(default_factory=dict)
    dims: dict[str, tuple[str, int, Dim]] = field(default_factory=dict)
    """Dim names that an input binds: input, axis, size."""

    definitions: dict[str, Term] = field(default_factory=dict)
    demands: tuple[tuple[Term, Term], ...] = ()
    """Terms over parameters that have to have a value, and that value."""

    preconditions: list[tuple[Precondition, Span]] = field(default_factory=list)
    submodules: int = 0
    needs_batch: Span | None = None
    failed: bool = False
    defaults: dict[str, Value] = field(default_factory=dict)
    layers: list[LayerUse] = field(default_factory=list)


class ModelBody(Body):
    """The body of a model."""

    def __init__(
        self,
        context: Context,
        models: Models,
        definition: ModelDefinition,
        given: Mapping[str, TensorType] | None,
        place: Span | None,
    ) -> None:
        super().__init__(context, definition.scope, models, definition.attributes, definition.loops)
        self.definition = definition
        self.given = given
        self.applied_at = place
        self.inputs: dict[str, TensorType] = {}
        self.dims: dict[str, tuple[str, int, Dim]] = {}
        self.batch_span: Span | None = None
        self.first_bound: dict[str, Span] | None = None
        self.read_as_tensors = definition.tensors

    @property
    def batch(self) -> frozenset[str]:
        """The name of the first size, where it is the same one of every input."""
        first = {type_.dims[0].poly.variables for type_ in self.inputs.values() if type_.rank}
        (names, *others) = first or {frozenset()}
        return names if not others and len(names) == 1 else frozenset()

    def on_input(self, node: tree.Assign) -> None:
        """``input x: type``: the tensor that was piped in, or a free one."""
        if node.value is not None or len(node.targets) != 1:
            self.misplaced(node.span, "an input is declared one by one, without a value")
            return
        (target,) = node.targets
        if all(each is not node for each in self.definition.section.body):
            self.misplaced(node.span, "a model has the same inputs always: none inside a block")
            self.names.setdefault(target.id, Binding(POISON, target.span))
            return
        given = self.given.get(target.id) if self.given is not None else None
        before = dict(self.names)
        if given is None:
            type_ = declared_input(self, node)
            if type_ is not None:
                for name in (each for each in self.names if each not in before):
                    axis = next(k for k, d in enumerate(type_.dims) if d.term == Ref(name))
                    self.dims[name] = (target.id, axis, type_.dims[axis])
        else:
            type_ = self.joined(node, given)
        if type_ is None:
            self.bind(target, POISON, "an input")
            return
        self.inputs[target.id] = type_
        self.bind(target, TensorValue(type_, ir.Local(target.id)), "an input")

    def joined(self, node: tree.Assign, given: TensorType) -> TensorType | None:
        """A given tensor under the declared type: its names are bound, its sizes checked."""
        assert self.applied_at is not None
        if node.type is None:
            declared_input(self, node)
            return None
        element = element_of(self, node.type)
        if element is None:
            return None
        what = f"input `{node.targets[0].id}` of `{self.definition.name}`"
        labels = (Label(node.type.span, "declared here"),)
        if not fits(self, element, given, what, self.applied_at, labels, BAD_KIND):
            return None
        codes = (shapes.RANK_MISMATCH, shapes.SIZE_MISMATCH)
        shape = Shape(self, node.type, given, codes)
        if not shape.match(what, self.applied_at, labels):
            return None
        name = node.targets[0].id
        for dim_name, axis, size in shape.named:
            self.dims[dim_name] = (name, axis, size)
        dims = tuple(
            dim
            if names(dim.term) <= self.names.keys()
            else Dim(dim.poly, self.own(name, axis, dim))
            for axis, dim in enumerate(shape.dims)
        )
        return TensorType(element, dims)

    def own(self, name: str, axis: int, dim: Dim) -> Term:
        """How a size is written inside the model that its caller gave no name for here."""
        return Const(dim.known) if dim.known is not None else Ref(f"{name}.{axis}")

    def needs_batch(self, place: Span) -> None:
        self.batch_span = self.batch_span or place

    def blame(self) -> tuple[Label, ...]:
        if self.applied_at is None:
            return ()
        return (Label(self.applied_at, f"`{self.definition.name}` is applied here"),)

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
        """Report a mistake; what depends on the given tensors names the application as well."""
        if code.id.startswith(_BY_INPUT) and span != self.applied_at:
            labels = (*labels, *(each for each in self.blame() if each not in labels))
        return super().error(code, message, span, label, help=help, labels=labels)

    def bound_later(self, name: str) -> Span | None:
        if self.first_bound is None:
            self.first_bound = {}
            for node in nodes(self.definition.section.body):
                for target in node.targets if isinstance(node, tree.Assign) else ():
                    self.first_bound.setdefault(target.id, target.span)
        return self.first_bound.get(name)

    def abandon(self) -> None:
        raise Abandoned


def input_names(definition: ModelDefinition) -> list[str]:
    """The inputs of a model, in their order."""
    return [
        target.id
        for statement in definition.section.body
        if isinstance(statement, tree.Assign)
        and statement.kind is not None
        and statement.kind.id == "input"
        for target in statement.targets
    ]


def outside(dim: Dim, mapping: Mapping[str, Term], definitions: Mapping[str, Term]) -> Dim:
    """A size of a model's output, written with the names of its caller."""
    if dim.known is not None and isinstance(dim.term, Const):
        return dim
    term = dim.term
    for _ in range(32):  # definitions may stand for others; they cannot be cyclic
        inner = {n: definitions[n] for n in names(term) if n in definitions and n not in mapping}
        if not inner:
            break
        term = substitute(term, inner)
    if names(term) <= mapping.keys():
        return Dim(dim.poly, substitute(term, mapping))
    return Dim(dim.poly, Const(dim.known) if dim.known is not None else Ref(str(dim.poly)))


def value_key(value: Value) -> object:
    """What makes two parameter values the same."""
    match value:
        case Plain(value=Dim() as dim):
            return dim.poly
        case Plain(value=inner):
            return (type(inner), inner)
        case Recipe(target=target, arguments=arguments):
            return (target, tuple((a.name, value_key(a.value)) for a in arguments))
        case Poison():
            return "poison"
        case _:
            items = getattr(value, "items", ())
            return tuple(value_key(item) for item in items)
