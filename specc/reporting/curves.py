"""Losses, metrics and the learning rate over the epochs of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from specc.reporting.axes import axes
from specc.reporting.markup import Element, el, svg
from specc.reporting.scales import Scale, shown, thinned, value_scale

WIDTH, HEIGHT = 440.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 12.0, 42.0
SPLITS = ("train", "val", "test")
MOST_POINTS = 400
MOST_DOTS = 60
LONGEST_TABLE = 500

Point = tuple[float, float]


@dataclass
class Curve:
    """One picture: a name, and for each split its value by epoch. ``tested`` is measured once."""

    name: str
    lines: dict[str, list[Point]] = field(default_factory=dict)
    tested: Point | None = None


def curves_of(records: Sequence[Mapping[str, Any]]) -> list[Curve]:
    """The curves in the lines of a metrics.jsonl, losses first and the learning rate last.

    A score is called ``SPLIT.NAME``; of those of one name the splits are drawn together.
    """
    found: dict[str, Curve] = {}
    for record in records:
        for key, value in record.items():
            if key in ("epoch", "step") or not _is_number(value):
                continue
            split, dot, name = key.partition(".")
            if not dot or split not in SPLITS:
                split, name = "", key
            curve = found.setdefault(name, Curve(name))
            point = float(record["epoch"]), float(value)
            if split == "test":
                curve.tested = point
            else:
                curve.lines.setdefault(split, []).append(point)
    last = {name for name in found if name == "lr" or name.endswith(".lr")}
    kept = [found[name] for name in found if name not in last]
    return [*kept, *(found[name] for name in found if name in last)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def draw(curve: Curve, kept: int | None) -> Element:
    """A card with the picture of a curve; ``kept`` is the epoch whose weights are the result."""
    points = [point for line in curve.lines.values() for point in line]
    points += [curve.tested] if curve.tested is not None else []
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    x = Scale(first, last if last > first else first + 1, LEFT, WIDTH - RIGHT)
    y = value_scale([value for _, value in points], HEIGHT - BOTTOM, TOP)
    parts = [*_axes(x, y)]
    if kept is not None and first <= kept <= last and last > first:
        parts.append(
            el(
                "line",
                el("title", f"the weights are of epoch {kept}"),
                class_="kept",
                x1=_at(x(kept)),
                x2=_at(x(kept)),
                y1=TOP,
                y2=HEIGHT - BOTTOM,
            )
        )
    for split, line in curve.lines.items():
        parts += _line(split or "one", line, x, y)
    if curve.tested is not None:
        epoch, value = curve.tested
        where = el("title", f"test, with the weights of epoch {epoch:.0f}: {shown(value)}")
        parts.append(
            el("circle", where, class_="dot test", cx=_at(x(epoch)), cy=_at(y(value)), r=5)
        )
    picture = svg(WIDTH, HEIGHT, _words(curve), parts, class_="chart")
    scale = el("span", " log scale", class_="quiet") if y.log else None
    return el(
        "figure",
        el("figcaption", el("strong", curve.name), scale, _legend(curve)),
        picture,
        class_="card",
    )


def _axes(x: Scale, y: Scale) -> list[Element]:
    epochs = dict.fromkeys(round(tick) for tick in x.ticks(6))
    inside = [epoch for epoch in epochs if x.low <= epoch <= x.high]
    found = axes(x, y, inside, left=LEFT, right=WIDTH - RIGHT, base=HEIGHT - BOTTOM)
    middle = (LEFT + WIDTH - RIGHT) / 2
    found.append(el("text", "epoch", class_="tick", x=middle, y=HEIGHT - 4, text_anchor="middle"))
    return found


def _line(split: str, line: Sequence[Point], x: Scale, y: Scale) -> list[Element]:
    few = thinned(line, MOST_POINTS)
    path = " ".join(f"{_at(x(epoch))},{_at(y(value))}" for epoch, value in few)
    found = [el("polyline", class_=f"line {split}", points=path)] if len(few) > 1 else []
    visible = len(few) < 3
    for epoch, value in thinned(line, MOST_DOTS):
        label = f"{'' if split == 'one' else split + ', '}epoch {epoch:.0f}: {shown(value)}"
        found.append(
            el(
                "circle",
                el("title", label),
                class_=f"dot {split}" if visible else "hover",
                cx=_at(x(epoch)),
                cy=_at(y(value)),
                r=4 if visible else 6,
            )
        )
    return found


def _legend(curve: Curve) -> Element | None:
    ends = [(split, line[-1][1]) for split, line in curve.lines.items()]
    ends += [("test", curve.tested[1])] if curve.tested is not None else []
    return el(
        "span",
        [
            el("span", el("i", class_=f"swatch {split or 'one'}"), f"{split} {shown(v)}".strip())
            for split, v in ends
        ],
        class_="legend",
    )


def _words(curve: Curve) -> str:
    """The picture for those who do not see it."""
    said = []
    for split, line in curve.lines.items():
        begun, ended = line[0][1], line[-1][1]
        said.append(f"{split} from {shown(begun)} to {shown(ended)}".strip())
    if curve.tested is not None:
        said.append(f"test {shown(curve.tested[1])}")
    return f"{curve.name} by epoch: {', '.join(said)}"


def table(records: Sequence[Mapping[str, Any]]) -> Element:
    """All numbers of the curves, folded up."""
    rows = [record for record in records if any(_is_number(v) for v in record.values())]
    shown_rows = rows if len(rows) <= LONGEST_TABLE else rows[-LONGEST_TABLE:]
    columns = list(dict.fromkeys(k for r in rows for k, v in r.items() if _is_number(v)))
    head = el("tr", [el("th", name, scope="col") for name in columns])
    cells = [
        el("tr", [el("td", _cell(record.get(name)), class_="number") for name in columns])
        for record in shown_rows
    ]
    note = None if shown_rows is rows else f", the last {LONGEST_TABLE:,} lines"
    return el(
        "details",
        el("summary", "The numbers", note),
        el("div", el("table", el("thead", head), el("tbody", cells)), class_="wide", tabindex=0),
    )


def _cell(value: Any) -> str:
    if not _is_number(value):
        return ""
    return f"{value:,}" if isinstance(value, int) else shown(value)


def _at(place: float) -> str:
    return f"{place:.1f}"
