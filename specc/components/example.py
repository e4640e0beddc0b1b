"""Applications that a component declares as representative of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, init=False)
class Example:
    """Tensors of these types, piped into the component with this configuration.

        Example("float[B, 4, H, W]", out_channels=6, kernel_size=3)
        Example({"x": "float[B, T, 4]", "mask": "mask[B, T]"}, hidden_size=8)

    A type is as in a signature; every name among its dims is a size that the checks choose, ``B``
    being the batch. Write numbers where a size has to suit the configuration.
    """

    inputs: Mapping[str, str]
    config: Mapping[str, Any]

    def __init__(self, inputs: str | Mapping[str, str] = "", /, **config: Any) -> None:
        given = {"": inputs} if isinstance(inputs, str) and inputs else inputs or {}
        object.__setattr__(self, "inputs", given)
        object.__setattr__(self, "config", config)
