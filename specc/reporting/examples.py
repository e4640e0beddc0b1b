"""The rows that the weights do worst on: what they hold, what was said, what is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

MOST_PLACES = 8
MOST_PAIRS = 5


def cards(planned: Planned, judged: Judged) -> list[Element]:
    """A card for each of the worst rows."""
    data = planned.train.data
    assert data is not None
    columns = {name: column.columns for name, column in data.fields.items() if column.stacked}
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
    answered = {answer.name for answer in answers}
    rows = [
        _row(name, shown_value(name, value, columns.get(name, ())))
        for name, value in example.raw.items()
        if name not in answered
    ]
    for answer in answers:
        rows.append(_row(answer.name, answer.right, "right"))
        rows.append(_row("predicted", answer.predicted, "wrong" if answer.is_wrong else "right"))
    for name, decoded in outputs.items():
        if not _is_predicted(example, computed, name):
            value = decoded.back(_array(example.results[name]))[0]
            rows.append(_row(name, shown_value(name, value)))
    head = el(
        "figcaption",
        el("b", f"loss {shown(example.loss)}"),
        el("span", example.place, class_="quiet"),
    )
    return el("figure", head, el("dl", rows), class_="card example")


def _row(name: str, value: Element | str, kind: str = "") -> list[Element]:
    return [el("dt", name), el("dd", value, class_=kind or None)]


@dataclass(frozen=True)
class Answer:
    """What is right and what was predicted; numbers are near or far, and never wrong."""

    name: str
    right: Element | str
    predicted: Element | str
    is_wrong: bool = False


def _answers(example: Example, computed: Computed) -> Iterator[Answer]:
    for drawn in computed.figures:
        name = drawn.title
        right, predicted = (drawn.part(example.results, p) for p in ("target", "predicted"))
        mask = drawn.part(example.results, "mask")
        if isinstance(drawn.figure, Confusion):
            yield _classes(drawn, name, right[0], predicted[0], None if mask is None else mask[0])
            continue
        if mask is not None:
            right, predicted = right[mask.astype(bool)], predicted[mask.astype(bool)]
        right, predicted = drawn.decoded.back(right), drawn.decoded.back(predicted)
        if mask is None:
            right, predicted = right[0], predicted[0]
        yield Answer(name, shown_value(name, right), shown_value("predicted", predicted))


def _classes(drawn: Drawn, name: str, right: Any, predicted: Any, mask: Any) -> Answer:
    """The names of classes; of many at once, how often which was taken for which."""
    kept = np.ones(right.shape, bool) if mask is None else mask.astype(bool)
    one, other = (each[kept].reshape(-1).astype(int) for each in (right, predicted))

    def names(ids: Any) -> list[str]:
        return class_names(drawn.decoded, ids.tolist(), right.dtype == bool)

    wrong = one != other
    if len(one) <= MOST_PLACES:
        return Answer(name, " ".join(names(one)), " ".join(names(other)), bool(wrong.any()))
    pairs = Counter(zip(names(one[wrong]), names(other[wrong]), strict=True))
    listed = [
        f"{r} as {p}{f' ×{n}' if n > 1 else ''}" for (r, p), n in pairs.most_common(MOST_PAIRS)
    ]
    more = ["…"] if len(pairs) > MOST_PAIRS else []
    said = ", ".join([*listed, *more]) or "all right"
    return Answer(name, f"{int(wrong.sum()):,} of {len(one):,} wrong", said, bool(wrong.any()))


def _is_predicted(example: Example, computed: Computed | None, name: str) -> bool:
    """Whether an output is what a figure predicts, and stands there already."""
    figures = () if computed is None else computed.figures
    return any(
        np.array_equal(drawn.part(example.results, "predicted"), _array(example.results[name]))
        for drawn in figures
    )


def _array(tensor: Any) -> Any:
    tensor = tensor.detach().cpu()
    return tensor.float().numpy() if tensor.is_floating_point() else tensor.numpy()
