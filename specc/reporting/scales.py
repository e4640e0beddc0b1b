"""Axes: where numbers stand on a picture, and which of them are written beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DECADES = 2.0
"""A curve that spans more powers of ten than this is drawn on a logarithmic axis."""


@dataclass(frozen=True)
class Scale:
    """From numbers of ``low`` to ``high`` to places of ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = math.log10(low), math.log10(high), math.log10(max(value, low))
        share = (at - low) / (high - low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """Round numbers on the axis."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, -(-(last - first + 1) // count))
            return [10.0**power for power in range(first, last + 1, every)]
        step = round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def value_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """An axis for the values of some curves, with a little room at both ends."""
    low, high = min(values), max(values)
    if low > 0 and math.log10(high / low) > DECADES:
        return Scale(low / 1.15, high * 1.15, start, end, log=True)
    if low == high:
        low, high = min(0.0, 1.3 * low), max(0.0, 1.3 * high) or 1.0
        return Scale(low, high if low else max(high, 1e-12), start, end)
    room = (high - low) * 0.06
    bottom, top = low - room, high + room
    if low >= 0 and low < (high - low) * 0.35:
        bottom = 0.0
    if low >= 0 and high <= 1 and high > 0.9:  # a share
        top = max(1.0, high)
    return Scale(bottom, top, start, end)


def round_step(step: float) -> float:
    """The next larger of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(times * power for times in (1.0, 2.0, 5.0, 10.0) if times * power >= step * 0.999)


def short(value: float) -> str:
    """A number beside an axis."""
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        mantissa, _, power = f"{value:.3g}".partition("e")
        if not power:
            mantissa, _, power = f"{value:.2e}".partition("e")
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(power)}"
    return f"{round(value, 10):,.10g}"


def shown(value: float) -> str:
    """A score."""
    return "not finite" if not math.isfinite(value) else f"{value:.4g}"


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most about ``most`` points that look like all of them: of each stretch the first, the
    lowest, the highest and the last."""
    if len(points) <= most:
        return list(points)
    size = -(-len(points) * 4 // most)
    found: list[tuple[float, float]] = []
    for start in range(0, len(points), size):
        part = points[start : start + size]
        ends = {part[0], part[-1], min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
        found += sorted(ends)
    return found
