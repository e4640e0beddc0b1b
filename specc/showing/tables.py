"""Models as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from specc.diagnostics.paint import Paint
from specc.showing.aligned import aligned
from specc.showing.measures import CONVENTION
from specc.showing.models import ShownLayer, ShownModel


def render_models(models: Sequence[ShownModel], color: bool = False) -> str:
    """Models one after the other, and how the numbers are to be read."""
    paint = Paint(color)
    blocks = [_model(model, paint) for model in models]
    if any(model.flops is not None for model in models):
        blocks.append(f"{CONVENTION}\n")
    return "\n".join(blocks)


def _model(model: ShownModel, paint: Paint) -> str:
    head = f"{model.name}({', '.join(model.parameters)})" if model.parameters else model.name
    lines = [paint(head, "strong")]
    lines += [f"  {line}" for line in model.doc.splitlines()]
    rows: list[tuple[str, ...]] = [("layer", "component", "output", "parameters", "FLOPs")]
    rows += [(name, "input", text, "", "") for name, text in model.inputs.items()]
    rows += _rows(model.layers, 0)
    rows += [(name, "output", text, "", "") for name, text in model.outputs.items()]
    rows.append(("total", "", "", _number(model.weights), _number(model.flops)))
    table = aligned(rows, right=(3, 4))
    lines += ["", paint(table[0], "frame"), *table[1:-1], paint(table[-1], "strong")]
    lines += [f"needs {condition}" for condition in model.conditions]
    lines += [f"note: {note}" for note in model.notes]
    return "\n".join(lines) + "\n"


def _rows(layers: Iterable[ShownLayer], depth: int) -> Iterable[tuple[str, ...]]:
    for layer in layers:
        times = f" x{layer.times}" if layer.times > 1 else ""
        is_function = layer.attribute is None
        yield (
            "  " * depth + place_text(layer),
            layer.component + times,
            outputs_text(layer.outputs),
            "" if is_function else _number(layer.parameters),
            "" if is_function else _number(layer.flops),
        )
        yield from _rows(layer.layers, depth + 1)


def place_text(layer: ShownLayer) -> str:
    """The name of a submodule within its model, with its range in a module list."""
    if layer.attribute is None:
        return ""
    ends = [path[_inside(path, layer.attribute) :] for path in (layer.paths[0], layer.paths[-1])]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _inside(path: str, attribute: str) -> int:
    """Where the submodule begins in its path: behind the models around it."""
    return f".{path}".rindex(f".{attribute}")


def outputs_text(types: Sequence[str]) -> str:
    """The types that a layer gives, those that are alike once."""
    if len(types) > 1 and len(set(types)) == 1:
        return f"{len(types)} of {types[0]}"
    return ", ".join(types)


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
