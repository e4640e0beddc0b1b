"""Nested state as JSON and named tensors, and back, without losing a bit or a type.

What JSON cannot say is an object with one key that begins with ``$``: a tensor by its name, a
tuple, a number that is not finite, a mapping whose keys are not all plain text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor


def pack(value: Any, tensors: dict[str, Tensor], path: str) -> Any:
    """The JSON of a value; its tensors are added to ``tensors`` under names that begin with
    ``path``.

    Raises:
        TypeError: for a value that is none of tensor, number, text, list, tuple, mapping, none.
    """
    if isinstance(value, Tensor):
        tensors[path] = value.detach()
        return {"$tensor": path}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, list):
        return [pack(item, tensors, f"{path}.{i}") for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return {"$tuple": [pack(item, tensors, f"{path}.{i}") for i, item in enumerate(value)]}
    if isinstance(value, Mapping):
        packed = [(key, pack(item, tensors, f"{path}.{key}")) for key, item in value.items()]
        if all(isinstance(key, str) and not key.startswith("$") for key, _ in packed):
            return dict(packed)
        return {"$items": [[key, item] for key, item in packed]}
    raise TypeError(f"{path} holds a {type(value).__name__}, which no checkpoint can")


def unpack(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The value that `pack` was given; mappings come back as plain dicts.

    Raises:
        KeyError: if a tensor is missing.
        ValueError: if the JSON is none that `pack` gives.
    """
    if isinstance(value, list):
        return [unpack(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if not any(key.startswith("$") for key in value):
        return {key: unpack(item, tensors) for key, item in value.items()}
    ((mark, content),) = value.items()
    match mark:
        case "$tensor":
            return tensors[content].clone()
        case "$float":
            return float(content)
        case "$tuple":
            return tuple(unpack(item, tensors) for item in content)
        case "$items":
            return {key: unpack(item, tensors) for key, item in content}
    raise ValueError(f"{mark} is no mark of a checkpoint")


def packable(value: Any) -> bool:
    """Whether `pack` takes a value."""
    if value is None or isinstance(value, (Tensor, bool, int, float, str)):
        return True
    if isinstance(value, Mapping):
        return all(isinstance(k, (str, int)) and packable(v) for k, v in value.items())
    return isinstance(value, (list, tuple)) and all(packable(item) for item in value)
