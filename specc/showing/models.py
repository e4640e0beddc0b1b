"""What ``specc show FILE`` says of each model: its layers, what they weigh, what it demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from msgspec.structs import replace

from specc.analysis.definitions import ModelDefinition
from specc.analysis.variants import Variant
from specc.compiler import Request
from specc.diagnostics import SpecError
from specc.planning import plan_file
from specc.showing.layers import LayerRow, layer_rows
from specc.showing.measures import Measures, measure
from specc.spec import Spec, load
from specc.types.dim import Dim
from specc.types.poly import Poly
from specc.types.tensor import TensorType


@dataclass(frozen=True)
class ShownLayer:
    """A row of the table; ``paths`` are its places in the state dict (none for a function).

    ``parameters`` and ``flops`` are those of all its places; what a row above has already counted
    (a submodule that is shared) is not counted again.
    """

    attribute: str | None
    paths: tuple[str, ...]
    times: int
    component: str
    outputs: tuple[str, ...]
    parameters: int | None
    flops: int | None
    layers: tuple[ShownLayer, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "paths": list(self.paths),
            "times": self.times,
            "component": self.component,
            "outputs": list(self.outputs),
            "parameters": self.parameters,
            "flops": self.flops,
            "layers": [layer.to_json() for layer in self.layers],
        }


@dataclass(frozen=True)
class ShownModel:
    """A model as a table."""

    name: str
    parameters: tuple[str, ...]
    doc: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    layers: tuple[ShownLayer, ...]
    weights: int | None
    flops: int | None
    conditions: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "name": self.name,
            "arguments": list(self.parameters),
            "doc": self.doc,
            "inputs": dict(self.inputs),
            "outputs": dict(self.outputs),
            "layers": [layer.to_json() for layer in self.layers],
            "parameters": self.weights,
            "flops": self.flops,
            "conditions": list(self.conditions),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Chosen:
    """The analysis of a model that is shown, and the spec that it belongs to."""

    spec: Spec
    variant: Variant
    note: str | None = None


def choose(
    request: Request, model: str | None = None, sizes: Mapping[str, int] | None = None
) -> list[Chosen]:
    """The models to show: the one that is named, else all that no other model uses.

    A model that is trained is shown as the train section uses it, with the sizes of its data.
    """
    spec = load(request.path, request.plugins)
    request = replace(request, source=spec.compiled.file.source)
    sizes = sizes or {}
    definitions = _definitions(spec, model)
    found: list[Chosen] = []
    missed = set(sizes)
    for definition in definitions:
        plain = _analysed(request, spec, definition, by_name=model is not None)
        names = {p.name.id for p in definition.section.parameters or ()} | plain.variant.dims.keys()
        given = {name: size for name, size in sizes.items() if name in names}
        missed -= given.keys()
        if given:
            plain = Chosen(spec, spec.variant(definition.name, **given))
        found.append(plain)
    if missed and definitions:  # says what there is
        spec.variant(definitions[0].name, **{name: sizes[name] for name in sorted(missed)})
    return found


def show_models(chosen: Sequence[Chosen]) -> list[ShownModel]:
    """The tables of models."""
    return [_shown(each) for each in chosen]


def _definitions(spec: Spec, model: str | None) -> list[ModelDefinition]:
    if model is not None:
        return [spec.definition(model)]
    checked = spec.compiled.checked
    variants = checked.models.variants.values()
    keys = {layer.variant for variant in variants for layer in variant.layers}
    used = {variant.definition for variant in variants if variant.key in keys}
    file = spec.compiled.file.source
    own = [d for d in checked.definitions if d.section.span.source is file]
    return [d for d in own if d not in used] or own


def _analysed(request: Request, spec: Spec, definition: ModelDefinition, by_name: bool) -> Chosen:
    """A model as a train section uses it, else on its own, else where it stands in others."""
    for name, train in spec.compiled.sections.trains.items():
        instance = next(
            (each for each in train.instances.values() if each.recipe.target is definition), None
        )
        if instance is None or instance.variant is None:
            continue
        variant = instance.variant
        if not _free(variant):
            return Chosen(spec, variant)
        try:
            planned = plan_file(request, name)
        except SpecError as error:
            note = f"sizes that the data gives are open: {error.diagnostics[0].message}"
            return Chosen(spec, variant, note)
        again = planned.train.instances[instance.name].variant
        assert again is not None
        return Chosen(Spec(planned.compiled), again)
    if by_name and all(p.default is not None for p in definition.section.parameters or ()):
        return Chosen(spec, spec.variant(definition.name))
    return Chosen(spec, spec.compiled.checked.variants_of(definition)[0])


def _free(variant: Variant) -> bool:
    """Whether something besides the batch is not known."""
    names: set[str] = set()
    for type_ in (*variant.inputs.values(), *variant.outputs.values()):
        for dim in type_.dims:
            names |= dim.poly.variables
    return len(names) > 1


def _shown(chosen: Chosen) -> ShownModel:
    variant = chosen.variant
    variants = {v.key: v for v in chosen.spec.compiled.checked.models.variants.values()}
    measures = measure(chosen.spec, variant)
    section = variant.definition.section
    rows = _layers(layer_rows(variant, variants), ("",), measures, set())
    return ShownModel(
        variant.definition.name,
        tuple(parameter.span.text for parameter in section.parameters or ()),
        section.doc,
        {name: type_text(type_) for name, type_ in variant.inputs.items()},
        {name: type_text(type_) for name, type_ in variant.outputs.items()},
        rows,
        measures.total if measures.parameters else None,
        measures.flops[""] if measures.flops is not None else None,
        tuple(
            f"{at_least(each.size.poly, each.least)}, otherwise {each.why}"
            for each, _ in variant.preconditions
        ),
        tuple(note for note in (chosen.note, measures.note) if note),
    )


def _layers(
    rows: Sequence[LayerRow], prefixes: Sequence[str], measures: Measures, counted: set[int | str]
) -> tuple[ShownLayer, ...]:
    found: list[ShownLayer] = []
    for row in rows:
        paths: tuple[str, ...] = ()
        weights: int | None = None
        flops: int | None = None
        if row.attribute is not None:
            ends = [".".join([row.attribute, *map(str, path)]) for path in row.paths]
            # A shared submodule in a loop has one place.
            built = measures.parameters
            if built and not any(prefixes[0] + end in built for end in ends):
                ends = [row.attribute]
            paths = tuple(prefix + end for prefix, end in product(prefixes, ends))
            before = set(counted)
            inner = _layers(row.rows, [f"{path}." for path in paths], measures, counted)
            if measures.parameters:
                weights = _weights(paths, measures, before)
                _weights(paths, measures, counted)
            if measures.flops is not None:
                flops = sum(measures.flops.get(path, 0) for path in paths if path not in before)
            counted |= set(paths)
        else:
            inner = ()
        found.append(
            ShownLayer(
                row.attribute,
                paths,
                row.times * len(prefixes),
                row.component,
                tuple(type_text(type_) for type_ in row.outputs),
                weights,
                flops,
                inner,
            )
        )
    return tuple(found)


def _weights(paths: Sequence[str], measures: Measures, counted: set[int | str]) -> int:
    """The values in the parameters of these places that are not in ``counted``; puts them there."""
    total = 0
    for path in paths:
        for identity, values in measures.parameters.get(path, {}).items():
            if identity not in counted:
                counted.add(identity)
                total += values
    return total


def type_text(type_: TensorType) -> str:
    """A type in the sizes of the model that is shown, whichever model it stands in."""
    element = type_.element
    bound = element.bound
    name = element.name
    if isinstance(bound, Dim):
        name += f"({size_text(bound)})"
    elif bound is not None:
        name += f"([{', '.join(map(size_text, bound))}])"
    return f"{name}[{', '.join(map(size_text, type_.dims))}]"


def at_least(poly: Poly, least: int) -> str:
    """``poly >= least``, with nothing that is taken away: ``T <= 128``."""
    terms = (poly - least).terms
    more = Poly({monomial: n for monomial, n in terms.items() if n > 0})
    less = Poly({monomial: -n for monomial, n in terms.items() if n < 0})
    return f"{less} <= {more}" if more.constant is not None else f"{more} >= {less}"


def size_text(dim: Dim) -> str:
    """A size over the names of the model that is shown."""
    return str(dim.poly)
