"""Images and types made up for a test."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from specc.components import Augmentation, Site, Transform
from specc.testing.application import type_of
from specc.types.poly import Facts
from specc.types.signature import Bindings, instantiate, match, parse


def pixels(height: int, width: int, seed: int = 0, channels: int = 3) -> np.ndarray:
    """``uint8[H, W, 3]``, or ``uint8[H, W]`` of one channel."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def save(path: Path, array: np.ndarray, **settings: Any) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **settings)
    return array


def encoded(array: np.ndarray, format: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, format)
    return stream.getvalue()


def inferred(transform: Transform, given: str) -> str:
    """The type that the core takes the result of a transform to be."""
    signature = parse(transform.signature)
    inputs = {"x": type_of(given)}
    facts = Facts()
    bindings = match(signature, inputs, lambda name: None, facts)
    assert isinstance(bindings, Bindings), bindings
    said = transform.infer(Site(transform, inputs, {}, {}, bindings, facts))
    if said is None:
        (said,) = instantiate(signature, bindings, lambda name: None, None).values()  # type: ignore[arg-type]
    return str(said)


def augmented_types(augmentation: Augmentation, *given: str) -> list[str]:
    """The types that the core takes augmented fields to be."""
    inputs = {str(number): type_of(text) for number, text in enumerate(given)}
    said = augmentation.infer(Site(augmentation, inputs, {}, {}, Bindings(), Facts()))
    assert isinstance(said, tuple)
    return [str(type) for type in said]
