"""A checked spec: its models as torch modules, and their source."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.analysis import parameters
from specc.analysis.body import Body
from specc.analysis.definitions import ModelDefinition
from specc.analysis.errors_names import UNKNOWN_COMPONENT
from specc.analysis.errors_values import UNKNOWN_PARAMETER
from specc.analysis.values import Argument, ListValue, Plain, Recipe, Value
from specc.analysis.variants import Variant, input_names
from specc.building import build_model, constructor_arguments
from specc.codegen.classes import written
from specc.codegen.load import load_source
from specc.codegen.module import emit
from specc.compiler import Compiled, Request, check
from specc.diagnostics import Collector, Diagnostic, SourceText, Span, SpecError, did_you_mean
from specc.types.dim import Dim
from specc.types.poly import Facts, Poly
from specc.types.tensor import TensorType
from specc.types.terms import Const

if TYPE_CHECKING:
    from torch import nn

    from specc.registry import PluginOptions


def load(path: str | PathLike[str], plugins: PluginOptions | None = None) -> Spec:
    """Check a spec; raises `SpecError` with all its mistakes."""
    found = Collector()
    try:
        compiled = check(Request(fspath(path), plugins=plugins), found)
    except SpecError as error:
        raise SpecError(*found.diagnostics, *error.diagnostics) from None
    found.stop_if_failed()
    return Spec(compiled, tuple(found.diagnostics))


@dataclass(frozen=True)
class Spec:
    """A checked spec."""

    compiled: Compiled
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The names of its models."""
        return tuple(definition.name for definition in self.compiled.checked.definitions)

    def source(self) -> str:
        """The PyTorch source of all its models: what ``specc compile`` prints."""
        return emit(self.compiled.program(), title(self.compiled))

    def model(self, name: str, /, **values: Any) -> nn.Module:
        """An instance of a model, on the CPU and with torch's default initialisation.

        ``values`` are the model's parameters, and sizes of its inputs by their names (``F=64``)
        where the constructor needs them. Raises `SpecError` for those that do not fit.
        """
        return self.build(self.variant(name, **values))

    def variant(self, name: str, /, **values: Any) -> Variant:
        """The analysis of a model for these values: the types of its layers."""
        return self._variant(self.definition(name), values)

    def build(self, variant: Variant) -> nn.Module:
        """An instance of an analysed model; raises `SpecError` if a size it needs is not known."""
        definition = variant.definition
        builder = self.compiled.builder
        program = builder.build([definition])
        module = load_source(emit(program, title(self.compiled)))
        model = builder.by_key[builder.class_of[variant.key]]
        place = definition.section.head
        this = written(program)[model.key]
        return build_model(module, this, constructor_arguments(model, variant, place))

    def definition(self, name: str) -> ModelDefinition:
        """A model by its name."""
        for definition in self.compiled.checked.definitions:
            if definition.name == name:
                return definition
        span = Span(self.compiled.file.source, 0, 0)
        hint = did_you_mean(name, self.models) or f"it has {', '.join(self.models)}"
        raise SpecError(
            Diagnostic(UNKNOWN_COMPONENT, f"the spec has no model `{name}`", span, help=hint)
        )

    def _variant(self, definition: ModelDefinition, values: dict[str, Any]) -> Variant:
        """The model, analysed for these values."""
        checked = self.compiled.checked
        found = checked.context.collector = Collector()
        frame = Body(checked.context, definition.scope, checked.models, {}, {})
        declared = {p.name.id for p in definition.section.parameters or ()}
        source = SourceText("<call>", ", ".join(f"{k}={v!r}" for k, v in values.items()))
        place = Span(source, 0, len(source.text))
        arguments = tuple(
            Argument(key, _value(value), place) for key, value in values.items() if key in declared
        )
        recipe = Recipe(definition, arguments, place, definition.name)
        bound = parameters.bind(frame, definition, recipe, place)
        found.stop_if_failed()
        assert bound is not None
        sizes = {k: v for k, v in values.items() if k not in declared}
        variant = checked.models.variant(definition, bound.values, None, Facts(), None)
        found.stop_if_failed()
        assert variant is not None
        unknown = sizes.keys() - variant.dims.keys()
        if unknown:
            name = sorted(unknown)[0]
            known = [*declared, *variant.dims]
            raise SpecError(
                Diagnostic(
                    UNKNOWN_PARAMETER,
                    f"`{definition.name}` has no parameter or size `{name}`",
                    place,
                    help=did_you_mean(name, known) or f"it has {', '.join(known)}",
                )
            )
        return self._fixed(variant, bound, sizes, place) if sizes else variant

    def _fixed(
        self, variant: Variant, bound: parameters.Bound, sizes: dict[str, int], place: Span
    ) -> Variant:
        """The model analysed once more, with sizes of its inputs known."""
        checked = self.compiled.checked
        known = {name: Poly.const(size) for name, size in sizes.items()}
        types = {
            name: TensorType(
                type_.element,
                tuple(Dim(dim.poly.substitute(known), dim.term) for dim in type_.dims),
            )
            for name, type_ in variant.inputs.items()
        }
        assert list(types) == input_names(variant.definition)
        fixed = checked.models.variant(variant.definition, bound.values, types, Facts(), place)
        checked.context.collector.stop_if_failed()
        assert fixed is not None
        return fixed


def title(compiled: Compiled) -> str:
    """The docstring of an emitted module, which is the same wherever the spec lies."""
    return f"Models of {Path(compiled.file.source.name).name}, compiled by specc."


def _value(value: Any) -> Value:
    if isinstance(value, (list, tuple)):
        return ListValue.of(tuple(_value(item) for item in value))
    return Plain(value, Const(value))
