"""Types of configuration fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

MOST_PIXELS_A_SIDE = 65_535
"""The most that a JPEG can have, and enough for any network."""


def _both(least: int) -> Any:
    """One whole number for both axes, or a list of two."""

    def check(value: Any) -> tuple[int, int]:
        pair = value if isinstance(value, (list, tuple)) else (value, value)
        if len(pair) != 2 or not all(type(each) is int for each in pair):
            raise ValueError("has to be one whole number or a list of 2")
        if min(pair) < least:
            raise ValueError(f"has to be at least {least}")
        if max(pair) > MOST_PIXELS_A_SIDE:
            raise ValueError(f"has to be at most {MOST_PIXELS_A_SIDE:,}")
        return pair[0], pair[1]

    return check


HeightWidth = Annotated[tuple[int, int], PlainValidator(_both(1))]
"""``[height, width]`` in pixels, or one number for both."""

Padding = Annotated[tuple[int, int], PlainValidator(_both(0))]
"""Pixels above and below, and to the left and right: ``[4, 2]``, or one number for both."""

Mode = Literal["rgb", "l"]
"""Three channels, or one of grey values."""

Fit = Literal["stretch", "crop", "pad"]
"""How an image of other proportions comes to a size: without regard to them, with its longer
side cut off at both ends, or with black at both ends of its shorter one."""

CHANNELS: dict[Mode, int] = {"rgb": 3, "l": 1}
