"""The axes of a chart: lines across it, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable

from specc.reporting.markup import Element, el
from specc.reporting.scales import Scale, short


def axes(
    x: Scale, y: Scale, ticks: Iterable[float], *, left: float, right: float, base: float
) -> list[Element]:
    """Lines across at the ticks of ``y``, ``ticks`` below the base line, and that line.

    ``left``, ``right`` and ``base`` are the edges of the field, in the units of the picture.
    """
    found = []
    for value in y.ticks():
        at = f"{y(value):.1f}"
        found.append(el("line", class_="grid", x1=left, x2=right, y1=at, y2=at))
        found.append(
            el(
                "text",
                short(value),
                class_="tick",
                x=left - 7,
                y=at,
                dy="0.32em",
                text_anchor="end",
            )
        )
    found += [
        el(
            "text",
            short(value),
            class_="tick",
            x=f"{x(value):.1f}",
            y=base + 17,
            text_anchor="middle",
        )
        for value in ticks
    ]
    found.append(el("line", class_="axis", x1=left, x2=right, y1=base, y2=base))
    return found
