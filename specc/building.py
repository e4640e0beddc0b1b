"""The instances of a train section: their classes emitted, and what they are built with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specc.analysis import errors_sections as errors
from specc.analysis.train_values import TrainSection
from specc.analysis.values import Plain, Recipe, to_python
from specc.analysis.variants import Variant
from specc.codegen.classes import Written, written
from specc.codegen.load import load_source
from specc.codegen.module import emit
from specc.compiler import Compiled
from specc.diagnostics import Diagnostic, Span, SpecError
from specc.ir import program as ir

if TYPE_CHECKING:
    from types import ModuleType

    from torch import nn

Arguments = tuple[list[int], dict[str, Any]]


@dataclass(frozen=True)
class Blueprint:
    """The emitted source of all instances, and what each is built with, by name and in order."""

    text: str
    module: ModuleType
    parts: Mapping[str, tuple[Written, Arguments]]

    @property
    def arguments(self) -> dict[str, dict[str, Any]]:
        """What the parameters of each instance are."""
        return {name: dict(given) for name, (_, (_, given)) in self.parts.items()}

    def build(self) -> nn.Module:
        """The model; where there are several instances, a module that holds them by their names."""
        from torch import nn

        made = {name: build_model(self.module, *part) for name, part in self.parts.items()}
        if len(made) == 1:
            return next(iter(made.values()))
        together = nn.Module()
        for name, module in made.items():
            together.add_module(name, module)
        return together


def blueprint(compiled: Compiled, train: TrainSection) -> Blueprint:
    """How the instances of a train section are built; raises `SpecError` for sizes that are not
    known."""
    builder = compiled.builder
    variants = {}
    for name, instance in train.instances.items():
        assert instance.variant is not None
        variants[name] = instance.variant
    program = builder.build([variant.definition for variant in variants.values()])
    text = emit(program, f"Models of {compiled.file.source.name}, compiled by specc.")
    classes = written(program)
    parts = {}
    for name, variant in variants.items():
        model = builder.by_key[builder.class_of[variant.key]]
        arguments = constructor_arguments(model, variant, train.instances[name].span)
        parts[name] = classes[model.key], arguments
    return Blueprint(text, load_source(text), parts)


def constructor_arguments(model: ir.Model, variant: Variant, place: Span) -> Arguments:
    """What the emitted class is called with: sizes by position, parameters by name."""
    sizes: list[int] = []
    for name in model.dim_names:
        _, axis, dim = variant.dims[name]
        if dim.known is None:
            raise SpecError(
                Diagnostic(
                    errors.SIZE_NOT_KNOWN,
                    f"`{variant.definition.name}` cannot be built before `{name}` is known",
                    place,
                    f"`{name}` is axis {axis} of an input",
                    help="fix the size in the data, with `reshape`, say, or in the input's type",
                )
            )
        sizes.append(dim.known)
    parameters: dict[str, Any] = {}
    for parameter in model.parameters:
        value = variant.parameters[parameter.name]
        if isinstance(value, Recipe):
            continue
        python = to_python(value)
        if isinstance(value, Plain) and not isinstance(python, (bool, int, float, str, type(None))):
            raise SpecError(
                Diagnostic(
                    errors.SIZE_NOT_KNOWN,
                    f"`{parameter.name}` of `{variant.definition.name}` is not known",
                    place,
                    f"{python} has no value yet",
                )
            )
        parameters[parameter.name] = python
    return sizes, parameters


def build_model(
    module: ModuleType, this: Written, arguments: tuple[Sequence[int], Mapping[str, Any]]
) -> nn.Module:
    """An instance of an emitted class."""
    sizes, parameters = arguments
    words = {this.parameters[name]: value for name, value in parameters.items()}
    model: nn.Module = getattr(module, this.name)(*sizes, **words)
    return model
