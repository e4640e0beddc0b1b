"""The rows that the weights do worst on: what they hold, what was said, what is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from specc.components import Confusion
from specc.planning import Planned
from specc.reporting.fields import Decoded, class_names
from specc.reporting.figures import Computed, Drawn
from specc.reporting.judged import Example, Judged
from specc.reporting.markup import Element, el
from specc.reporting.pictures import shown_value
from specc.reporting.scales import shown

MOST_DIFFERENCES = 8


def cards(planned: Planned, judged: Judged) -> list[Element]:
    """A card for each of the worst rows."""
    data = planned.train.data
    assert data is not None
    columns = {
        name: column.columns for name, column in data.fields.items() if column.stacked
    }
    outputs = {
        name: Decoded.of(planned, predicted.inverse)
        for name, predicted in planned.train.outputs.items()
    }
    return [_card(example, judged.computed, columns, outputs) for example in judged.examples]


def _card(
    example: Example,
    computed: Computed | None,
    columns: Mapping[str, tuple[str, ...]],
    outputs: Mapping[str, Decoded],
) -> Element:
    answers = list(_answers(example, computed)) if computed is not None else []
    answered = {name for name, *_ in answers}
    said = {predicted for *_, predicted in answers if isinstance(predicted, str)}
    rows = [
        _row(name, shown_value(name, value, columns.get(name, ())))
        for name, value in example.raw.items()
        if name not in answered
    ]
    for name, right, predicted in answers:
        rows.append(_row(name, right, "right"))
        rows.append(_row("predicted", predicted, "wrong" if _differ(right, predicted) else "right"))
    for name, decoded in outputs.items():
        value = _number_of(example.results[name])
        shown_output = shown_value(name, decoded.back(value)[0])
        if shown_output not in said:
            rows.append(_row(name, shown_output))
    head = el("figcaption", el("b", f"loss {shown(example.loss)}"),
              el("span", example.place, class_="quiet"))  # fmt: skip
    return el("figure", head, el("dl", rows), class_="card example")


def _differ(right: Element | str, predicted: Element | str) -> bool:
    return isinstance(right, str) and isinstance(predicted, str) and right != predicted


def _row(name: str, value: Element | str, kind: str = "") -> list[Element]:
    return [el("dt", name), el("dd", value, class_=kind or None)]


Answer = tuple[str, Element | str, Element | str]
"""A name, what is right, what is predicted."""


def _answers(example: Example, computed: Computed) -> Iterator[Answer]:
    for drawn in computed.figures:
        name = drawn.decoded.name or "target"
        right, predicted = (drawn.part(example.results, p) for p in ("target", "predicted"))
        mask = drawn.part(example.results, "mask")
        if isinstance(drawn.figure, Confusion):
            yield name, *_classes(drawn, right[0], predicted[0], None if mask is None else mask[0])
            continue
        if mask is not None:
            right, predicted = right[mask.astype(bool)], predicted[mask.astype(bool)]
        right, predicted = drawn.decoded.back(right), drawn.decoded.back(predicted)
        if mask is None:
            right, predicted = right[0], predicted[0]
        yield name, shown_value(name, right), shown_value("predicted", predicted)


def _classes(drawn: Drawn, right: Any, predicted: Any, mask: Any) -> tuple[str, str]:
    """The names of classes; of many at once, those at which the two differ."""
    is_bool = right.dtype == bool

    def names(ids: Any) -> list[str]:
        return class_names(drawn.decoded, ids.astype(int).tolist(), is_bool)

    if not right.ndim:
        return names(right.reshape(1))[0], names(predicted.reshape(1))[0]
    kept = np.ones(right.shape, bool) if mask is None else mask.astype(bool)
    one, other = right[kept].reshape(-1), predicted[kept].reshape(-1)
    differ = np.flatnonzero(one.astype(int) != other.astype(int))
    if len(one) <= MOST_DIFFERENCES:
        return " ".join(names(one)), " ".join(names(other))
    few = differ[:MOST_DIFFERENCES]
    more = f" and {len(differ) - len(few)} more" if len(differ) > len(few) else ""
    at = ", ".join(f"{place + 1}: {name}" for place, name in zip(few, names(one[few]), strict=True))
    said = ", ".join(f"{place + 1}: {n}" for place, n in zip(few, names(other[few]), strict=True))
    head = f"{len(differ)} of {len(one)} differ; "
    return f"{head}{at}{more}" if len(differ) else "all", f"{said}{more}" if len(differ) else "all"


def _number_of(tensor: Any) -> Any:
    tensor = tensor.detach().cpu()
    return tensor.float().numpy() if tensor.is_floating_point() else tensor.numpy()
