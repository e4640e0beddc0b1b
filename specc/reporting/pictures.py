"""A value of a field as a person sees it: a picture, a strip of bars, numbers or text."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from specc.reporting.fields import label
from specc.reporting.markup import Element, el, svg
from specc.reporting.scales import shown

SMALLEST_IMAGE, LARGEST_IMAGE = 4, 2048
MOST_PIXELS = 224
"""Larger images are made smaller by leaving pixels out."""

CHANNELS = (1, 3, 4)
FEW = 12
MOST_BARS = 512
MOST_TEXT = 400


def shown_value(name: str, value: Any, columns: Sequence[str] = ()) -> Element | str:
    """One value; ``columns`` are the names of its entries."""
    array = np.asarray(value)
    if array.dtype.kind in "OUS" or not array.ndim:
        return _text(array)
    pixels = as_image(array)
    if pixels is not None:
        height, width = pixels.shape[:2]
        return el(
            "img",
            src=png(pixels),
            alt=f"{name}, {width} by {height} pixels",
            width=width,
            height=height,
        )
    flat = array.reshape(-1)
    if len(flat) > FEW:
        return strip(name, flat)
    names = columns if len(columns) == len(flat) else [""] * len(flat)
    return el(
        "span",
        [
            el("span", el("span", each, " ", class_="quiet"), _number(number))
            for each, number in zip(names, flat, strict=True)
        ],
        class_="few",
    )


def _text(array: Any) -> Element | str:
    if not array.ndim:
        value = array.item()
        text = _number(value) if isinstance(value, (int, float)) else str(value)
    else:
        text = " ".join(map(label, array.reshape(-1)[:MOST_TEXT].tolist()))
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} …"


def _number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return label(value)
    number = float(value)
    return f"{int(number)}" if number.is_integer() else shown(number)


# --- images ------------------------------------------------------------------------------------


def as_image(array: Any) -> Any:
    """Bytes ``[height, width]`` or ``[height, width, 3 or 4]``; ``None`` for what is no image.

    Two axes of pixels, alone or with channels before them, as torch has them, or behind. Numbers
    that are not bytes are stretched from their least to their greatest.
    """
    if array.dtype.kind not in "uif" and array.dtype != bool:
        return None
    if array.ndim == 3 and array.shape[0] in CHANNELS and array.shape[2] not in CHANNELS:
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 3 and array.shape[2] in CHANNELS:
        array = array[..., 0] if array.shape[2] == 1 else array
    elif array.ndim != 2:
        return None
    sides = array.shape[:2]
    if min(sides) < SMALLEST_IMAGE or max(sides) > LARGEST_IMAGE:
        return None
    every = -(-max(sides) // MOST_PIXELS)
    array = array[::every, ::every]
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    values = np.nan_to_num(array.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    scaled = (values - low) / ((high - low) or 1.0) * 255.0
    return np.ascontiguousarray(scaled.round().astype(np.uint8))


def png(pixels: Any) -> str:
    """A PNG as an address that holds the whole of it (https://www.w3.org/TR/png/)."""
    height, width = pixels.shape[:2]
    color = {1: 0, 3: 2, 4: 6}[1 if pixels.ndim == 2 else pixels.shape[2]]
    lines = b"".join(b"\x00" + row.tobytes() for row in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def strip(name: str, values: Any) -> Element:
    """Many numbers as bars from zero."""
    values = np.nan_to_num(values[:MOST_BARS].astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    tall = (high - low) or 1.0
    zero = 40 * high / tall
    bars = []
    for place, value in enumerate(values):
        height = 40 * abs(value) / tall
        top = zero - height if value > 0 else zero
        bars.append(f"M{place} {top:.1f}h.8v{height:.1f}h-.8z")
    words = f"{name}: {len(values)} numbers from {shown(float(values.min()))} to "
    picture = svg(
        len(values),
        40,
        words + shown(float(values.max())),
        el("path", d="".join(bars), class_="bar"),
        class_="strip",
    )
    picture.set("preserveAspectRatio", "none")
    return picture
