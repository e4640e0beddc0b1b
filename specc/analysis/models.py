"""Models: each is analysed once for each distinct set of parameters and input types."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import parameters
from specc.analysis.applications import Applications
from specc.analysis.apply import not_a_tensor
from specc.analysis.bindings import LayerUse
from specc.analysis.choices import MOST_RUNS, Choices, Question
from specc.analysis.definitions import Binding, ModelDefinition
from specc.analysis.frame import Context, Inputs
from specc.analysis.keys import type_key
from specc.analysis.values import (
    POISON,
    Instance,
    Part,
    Recipe,
    RecordValue,
    TensorValue,
    Value,
    is_tensor,
    tensor_of,
)
from specc.analysis.variants import Abandoned, ModelBody, Variant, input_names, outside, value_key
from specc.diagnostics import Diagnostic, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.poly import Facts
from specc.types.tensor import TensorType
from specc.types.terms import Term, names

_BY_INPUT = ("E0303", "E0304", "E0307", "E0309", "E04", "E0503")
"""Mistakes that a model makes with some inputs and parameters and not with others."""


class Models:
    """Analyses models on demand, and keeps what it found."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.variants: dict[object, Variant] = {}
        self.answered: dict[object, list[tuple[object, Mapping[Question, bool]]]] = {}
        """Of those that rely on answers to open conditions: their keys, and the answers."""
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
        made = place if instance is None else instance.span
        bound = parameters.bind(caller, definition, recipe, made)
        given = self._inputs(caller, definition, inputs, place)
        if bound is None or given is None:
            return POISON
        types = {name: tensor.type for name, tensor in given.items()}
        variant = self.variant(definition, bound.values, types, caller.facts, place, caller.choices)
        if caller.choices is not None:
            caller.facts = caller.choices.facts(caller.facts)
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
        choices: Choices | None = None,
    ) -> Variant | None:
        """The analysis of a model for these parameters and inputs; ``None`` for a recursion.

        Without ``types`` the model is checked on its own, with free sizes. ``choices`` answer the
        open conditions where it is applied by one that is.
        """
        key = (
            definition,
            tuple((name, value_key(value)) for name, value in values.items()),
            None if types is None else tuple((n, type_key(t)) for n, t in types.items()),
            facts,
        )
        if (known := self.variants.get(key)) is not None:
            return known
        if choices is not None:
            for open_key, answers in self.answered.get(key, ()):
                if choices.agree(answers):
                    choices.asked |= answers
                    return self.variants[open_key]
        if definition in self.running:
            self._recursion(definition, place)
            return None
        self.running.append(definition)
        try:
            if types is None:
                return self._runs(key, definition, values, facts, place)
            variant = self._new(definition, values)
            if choices is None:
                self._analyse(variant, types, facts, place, None)
                self.variants[key] = variant
                return variant
            with choices.listen() as answers:
                self._analyse(variant, types, facts, place, choices)
            open_key = (key, tuple(answers.items())) if answers else key
            if open_key in self.variants:  # another run of the one that applies it asked the same
                return self.variants[open_key]
            self.variants[open_key] = variant
            self.answered.setdefault(key, []).append((open_key, answers))
            return variant
        finally:
            self.running.pop()

    def _new(self, definition: ModelDefinition, values: Mapping[str, Value]) -> Variant:
        return Variant(f"{definition.key}#{len(self.variants)}", definition, values)

    def _runs(
        self,
        key: object,
        definition: ModelDefinition,
        values: Mapping[str, Value],
        facts: Facts,
        place: Span | None,
    ) -> Variant:
        """Analyse a model, once for each way to answer its open conditions; gives the first."""
        found: list[Variant] = []
        pending: list[tuple[bool, ...]] = [()]
        while pending and len(found) < MOST_RUNS:
            answers = pending.pop(0)
            choices = Choices(answers)
            variant = self._new(definition, values)
            self._analyse(variant, None, facts, place, choices)
            self.variants[(key, answers) if found else key] = variant
            found.append(variant)
            pending += choices.others()
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
        body.open = choices is not None
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
        visible = variant.parameters.keys() | body.dims.keys()
        demands = dict.fromkeys(body.demands)
        variant.demands = tuple(each for each in demands if names(each[0]) <= visible)
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


def _tensors(count: int) -> str:
    return f"{count or 'no'} tensor{'' if count == 1 else 's'}"


def _listed(items: list[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)
