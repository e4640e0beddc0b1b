"""Models: each is analysed once for each distinct set of parameters and input types."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import errors_shapes as shapes
from specc.analysis import parameters
from specc.analysis.applications import Applications
from specc.analysis.apply import not_a_tensor
from specc.analysis.bindings import Evidence, LayerUse
from specc.analysis.body import Body
from specc.analysis.choices import MOST_RUNS, Choices
from specc.analysis.declared import Shape, declared_input, element_of, fits
from specc.analysis.definitions import Binding, ModelDefinition, nodes
from specc.analysis.frame import Context, Inputs
from specc.analysis.iterations import Iterations
from specc.analysis.keys import type_key
from specc.analysis.values import (
    POISON,
    Instance,
    Part,
    Plain,
    Poison,
    Recipe,
    RecordValue,
    TensorValue,
    Value,
    is_tensor,
    tensor_of,
)
from specc.components.errors import BAD_KIND
from specc.components.site import Precondition
from specc.diagnostics import Code, Diagnostic, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Facts
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref, Term, names, substitute

_BY_INPUT = ("E0303", "E0304", "E0307", "E0309", "E04", "E0503")
"""Mistakes that a model makes with some inputs and parameters and not with others."""


class Abandoned(Exception):
    """The rest of a body relies on an assertion that does not hold."""


@dataclass(eq=False)
class Variant:
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

    def on_input(self, node: tree.Assign) -> None:
        """``input x: type``: the tensor that was piped in, or a free one."""
        if node.value is not None or len(node.targets) != 1:
            self.misplaced(node.span, "an input is declared one by one, without a value")
            return
        (target,) = node.targets
        given = self.given.get(target.id) if self.given is not None else None
        before = dict(self.names)
        if given is None:
            type_ = declared_input(self, node)
            if type_ is not None:
                for name in self.names.keys() - before.keys():
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


class Models:
    """Analyses models on demand, and keeps what it found."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.variants: dict[object, Variant] = {}
        self.running: list[ModelDefinition] = []

    # --- application ---------------------------------------------------------------------------

    def apply(
        self,
        caller: Applications,
        recipe: Recipe,
        inputs: Inputs,
        attribute: str,
        place: Span,
        instance: Instance | None,
    ) -> Value:
        """Apply a model to tensors, as one submodule of the caller."""
        definition = recipe.target
        assert isinstance(definition, ModelDefinition)
        bound = parameters.bind(caller, definition, recipe, place)
        given = self._inputs(caller, definition, inputs, place)
        if bound is None or given is None:
            return POISON
        types = {name: tensor.type for name, tensor in given.items()}
        variant = self.variant(definition, bound.values, types, caller.facts, place)
        if variant is None or variant.failed:
            return POISON
        caller.conditions([each for each, _ in variant.preconditions], place)
        if variant.needs_batch is not None:
            caller.needs_batch(place)
        dims = tuple(
            (name, types[source].dims[axis].term)
            for name, (source, axis, _) in variant.dims.items()
        )
        construct = ir.ModelConstruct(variant.key, bound.given, dims)
        if instance is None:
            caller.register(attribute, construct, place, variant.submodules + 1)
            callee = caller.submodule(attribute, None)
        else:
            instance.variant = instance.variant or variant
            caller.register_shared(instance, construct, place, variant.submodules + 1)
            callee = caller.submodule(instance.name, instance)
        assert isinstance(callee, (ir.Submodule, ir.Local))
        call = ir.Apply(callee, tuple(ir.Passed(tensor.expr) for tensor in given.values()))
        result = self._result(variant, bound, types, call)
        outputs = (
            tuple(each.type for each in result.fields.values())
            if isinstance(result, RecordValue)
            else (tensor_of(result).type,)
        )
        caller.layers.append(LayerUse(attribute, caller.path, recipe.written, outputs, variant.key))
        return result

    def _inputs(
        self, caller: Applications, definition: ModelDefinition, inputs: Inputs, place: Span
    ) -> dict[str, TensorValue] | None:
        """The piped tensors by the names of the model's inputs, in their order."""
        declared = input_names(definition)
        if len(inputs.positional) > len(declared):
            caller.error(
                meaning.WRONG_INPUTS,
                f"`{definition.name}` takes {_tensors(len(declared))}, "
                f"got {len(inputs.positional)}",
                place,
                "too many tensors",
                help=f"its inputs are {_listed(declared)}" if declared else "it has no inputs",
            )
            return None
        found: dict[str, TensorValue] = {}
        pairs: list[tuple[str, Value, Span]] = [
            (name, value, span)
            for name, (value, span) in zip(declared, inputs.positional, strict=False)
        ]
        pairs += [(name.id, value, name.span) for name, value in inputs.named]
        for name, value, span in pairs:
            if name not in declared or name in found:
                caller.error(
                    meaning.WRONG_INPUTS,
                    f"`{definition.name}` has no input `{name}`"
                    if name not in declared
                    else f"`{definition.name}` is given `{name}` twice",
                    span,
                    "unknown input" if name not in declared else "the second one",
                    help=did_you_mean(name, declared) or f"its inputs are {_listed(declared)}",
                )
                return None
            if not is_tensor(value):
                not_a_tensor(caller, value, span, definition.name)
                return None
            found[name] = tensor_of(value)
        missing = [name for name in declared if name not in found]
        if missing:
            caller.error(
                meaning.WRONG_INPUTS,
                f"`{definition.name}` needs {_listed(missing)} too",
                place,
                f"takes {_tensors(len(declared))}, got {len(found)}",
                help=f"pipe a group: `({', '.join(declared)}) |> {definition.name}`",
            )
            return None
        return {name: found[name] for name in declared}

    def _result(
        self,
        variant: Variant,
        bound: parameters.Bound,
        types: Mapping[str, TensorType],
        call: ir.Apply,
    ) -> Value:
        """The outputs with their sizes written as the caller sees them."""
        mapping: dict[str, Term] = dict(bound.terms)
        for name, (source, axis, _) in variant.dims.items():
            mapping[name] = types[source].dims[axis].term
        for source, type_ in types.items():
            for axis, dim in enumerate(type_.dims):
                mapping[f"{source}.{axis}"] = dim.term
        outputs = {
            name: TensorType(
                type_.element,
                tuple(outside(dim, mapping, variant.definitions) for dim in type_.dims),
            )
            for name, type_ in variant.outputs.items()
        }
        if len(outputs) == 1:
            return TensorValue(next(iter(outputs.values())), call)
        fields = {name: TensorValue(type_, ir.Pick(call, name)) for name, type_ in outputs.items()}
        return RecordValue(fields, call)

    # --- analysis ------------------------------------------------------------------------------

    def variant(
        self,
        definition: ModelDefinition,
        values: Mapping[str, Value],
        types: Mapping[str, TensorType] | None,
        facts: Facts,
        place: Span | None,
    ) -> Variant | None:
        """The analysis of a model for these parameters and inputs; ``None`` for a recursion.

        Without ``types`` the model is checked on its own, with free sizes.
        """
        key = (
            definition,
            tuple((name, value_key(value)) for name, value in values.items()),
            None if types is None else tuple((n, type_key(t)) for n, t in types.items()),
            facts,
        )
        known = self.variants.get(key)
        if known is not None:
            return known
        if definition in self.running:
            self._recursion(definition, place)
            return None
        self.running.append(definition)
        try:
            return self._runs(key, definition, values, types, facts, place)
        finally:
            self.running.pop()

    def _runs(
        self,
        key: object,
        definition: ModelDefinition,
        values: Mapping[str, Value],
        types: Mapping[str, TensorType] | None,
        facts: Facts,
        place: Span | None,
    ) -> Variant:
        """Analyse a model, once for each way to answer its open conditions; gives the first."""
        found: list[Variant] = []
        pending: list[tuple[bool, ...]] = [()]
        while pending and len(found) < MOST_RUNS:
            answers = pending.pop(0)
            choices = Choices(answers) if types is None else None
            variant = Variant(f"{definition.key}#{len(self.variants)}", definition, values)
            self._analyse(variant, types, facts, place, choices)
            self.variants[(key, answers) if found else key] = variant
            found.append(variant)
            pending += choices.others() if choices else []
        return found[0]

    def _analyse(
        self,
        variant: Variant,
        types: Mapping[str, TensorType] | None,
        facts: Facts,
        place: Span | None,
        choices: Choices | None,
    ) -> None:
        definition = variant.definition
        before = self.context.collector.errors
        body = ModelBody(self.context, self, definition, types, place)
        body.facts = facts
        body.open = types is None
        body.choices = choices
        section = definition.section
        top = body.top_level(definition.scope)
        for parameter in section.parameters or ():
            if parameter.default is not None:
                variant.defaults[parameter.name.id] = parameters.default(top, definition, parameter)
            value = variant.parameters.get(parameter.name.id, POISON)
            body.names[parameter.name.id] = Binding(
                parameters.inside(parameter.name.id, value), parameter.name.span, "a parameter"
            )
        with contextlib.suppress(Abandoned):
            body.run(section.body)
        silent = body.lost_output or self.context.broken.holds(section.span)
        if not body.outputs and not silent and self.context.collector.errors == before:
            body.error(
                meaning.NO_OUTPUT,
                f"`{definition.name}` has no output",
                section.head,
                "gives nothing back",
                help="end it with `output y = ...`",
            )
        variant.inputs = body.inputs
        variant.outputs = {name: value.type for name, value in body.outputs.items()}
        variant.steps = tuple(body.steps)
        variant.evidence = body.evidence
        variant.unrolled = frozenset(body.unrolled)
        variant.loop_runs = body.loop_runs
        variant.nesting = body.nesting
        variant.snapshots = body.snapshots
        variant.dims = body.dims
        variant.definitions = body.definitions
        variant.preconditions = body.preconditions
        variant.submodules = body.submodules
        variant.layers = body.layers
        variant.needs_batch = body.batch_span
        variant.failed = self.context.collector.errors > before or not body.outputs

    def _recursion(self, definition: ModelDefinition, place: Span | None) -> None:
        chain = self.running[self.running.index(definition) :]
        text = " uses ".join(f"`{each.name}`" for each in (*chain, definition))
        self.context.collector.report(
            Diagnostic(
                naming.RECURSIVE_MODEL,
                f"a model uses itself: {text}",
                place,
                "applied inside itself",
                help="a stack of equal blocks is written `repeat n { x = x |> Block }`",
            )
        )

    # --- members -------------------------------------------------------------------------------

    def member(self, caller: Applications, part: Part, name: tree.Name) -> Value:
        """A submodule of an instance of a model, by its label."""
        definition: Any = part.instance.recipe.target
        known: set[str] = set()
        if isinstance(definition, ModelDefinition) and not part.path:
            known = set(definition.attributes.values())
            if name.id not in known:
                return caller.error(
                    naming.NO_MEMBER,
                    f"`{part.instance.name}` has no submodule `{name.id}`",
                    name.span,
                    "not found",
                    help=did_you_mean(name.id, known),
                )
        return Part(part.instance, (*part.path, name.id))


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


def _tensors(count: int) -> str:
    return f"{count or 'no'} tensor{'' if count == 1 else 's'}"


def _listed(items: list[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)
