"""Predicted numbers against the right ones, and how far they are apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from specc.reporting.axes import axes
from specc.reporting.markup import Element, el, svg
from specc.reporting.scales import Scale, shown

SIDE, LEFT, RIGHT, TOP, BOTTOM = 420.0, 66.0, 14.0, 12.0, 46.0
MOST_DOTS = 1500
BINS = 31


def draw(right: Any, predicted: Any, title: str, sampled: int) -> Element:
    """Two pictures side by side: every dot is a value; the errors as a histogram."""
    errors = predicted - right
    spread = float(np.var(right))
    explained = 1.0 - float(np.mean(errors**2)) / spread if spread else float("nan")
    said = f"mean absolute error {shown(float(np.mean(np.abs(errors))))}"
    said += f", bias {shown(float(np.mean(errors)))}"
    said += f", {explained:.1%} of the variance explained" if spread else ""
    note = f", every {sampled:,}th value" if sampled > 1 else ""
    return el(
        "figure",
        el("figcaption", el("strong", title), el("span", said + note, class_="quiet")),
        el("div", _scatter(right, predicted), _histogram(errors), class_="two"),
        class_="card whole",
    )


def _scatter(right: Any, predicted: Any) -> Element:
    every = max(1, -(-len(right) // MOST_DOTS))
    low = float(min(right.min(), predicted.min()))
    high = float(max(right.max(), predicted.max()))
    low, high = _room(low, high)
    x = Scale(low, high, LEFT, SIDE - RIGHT)
    y = Scale(low, high, SIDE - BOTTOM, TOP)
    parts = _frame(x, y, "right", "predicted")
    parts.append(el("line", class_="ideal", x1=LEFT, y1=SIDE - BOTTOM, x2=SIDE - RIGHT, y2=TOP))
    dots = [
        el("circle", cx=f"{x(float(one)):.1f}", cy=f"{y(float(other)):.1f}", r=2.6)
        for one, other in zip(right[::every], predicted[::every], strict=True)
    ]
    parts.append(el("g", dots, class_="cloud"))
    words = f"predicted against right values, {len(dots):,} of them; on the line they are equal"
    return svg(SIDE, SIDE, words, parts, class_="chart")


def _histogram(errors: Any) -> Element:
    # A few that are far away would leave one bar of all the others.
    reach = float(np.quantile(np.abs(errors), 0.995)) or 1.0
    inside = np.clip(errors, -reach, reach)
    counts, edges = np.histogram(inside, BINS, (-reach, reach))
    x = Scale(-reach, reach, LEFT, SIDE - RIGHT)
    y = Scale(0, max(1.0, float(counts.max())) * 1.05, SIDE - BOTTOM, TOP)
    parts = _frame(x, y, "predicted − right", "how often")
    for count, left, end in zip(counts, edges[:-1], edges[1:], strict=True):
        if count:
            place = y(float(count))
            label = f"{int(count):,} from {shown(float(left))} to {shown(float(end))}"
            parts.append(
                el(
                    "rect",
                    el("title", label),
                    class_="bar",
                    x=f"{x(float(left)) + 0.5:.1f}",
                    y=f"{place:.1f}",
                    width=f"{x(float(end)) - x(float(left)) - 1:.1f}",
                    height=f"{SIDE - BOTTOM - place:.1f}",
                )
            )
    parts.append(el("line", class_="ideal", x1=x(0.0), x2=x(0.0), y1=TOP, y2=SIDE - BOTTOM))
    return svg(SIDE, SIDE, "histogram of the errors", parts, class_="chart")


def _frame(x: Scale, y: Scale, below: str, beside: str) -> list[Element]:
    base = SIDE - BOTTOM
    found = axes(x, y, x.ticks(4), left=LEFT, right=SIDE - RIGHT, base=base)
    found.append(
        el(
            "text",
            below,
            class_="tick",
            x=(LEFT + SIDE - RIGHT) / 2,
            y=SIDE - 6,
            text_anchor="middle",
        )
    )
    middle = (TOP + base) / 2
    found.append(
        el(
            "text",
            beside,
            class_="tick",
            x=12,
            y=middle,
            text_anchor="middle",
            transform=f"rotate(-90 12 {middle:g})",
        )
    )
    return found


def _room(low: float, high: float) -> tuple[float, float]:
    width = (high - low) or abs(high) or 1.0
    return low - width * 0.04, high + width * 0.04
