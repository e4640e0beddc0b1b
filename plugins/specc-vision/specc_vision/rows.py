"""One value for each row of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def for_rows(values: Tensor, tensor: Tensor) -> Tensor:
    """``[B]`` in a shape that broadcasts against a tensor ``[B, ...]``."""
    return values.reshape(-1, *(1,) * (tensor.ndim - 1))
