"""Tensors cut into lists."""

from __future__ import annotations

from collections.abc import Sequence

from specc.stdlib.families.axes import mixed
from specc.types.dim import Dim
from specc.types.tensor import TensorType


def pieces(given: TensorType, axis: int, sizes: Sequence[Dim]) -> tuple[TensorType, ...]:
    """``given`` with each of the sizes on ``axis``."""
    element = mixed(given.element) if axis == given.rank - 1 else given.element
    return tuple(
        TensorType(element, (*given.dims[:axis], size, *given.dims[axis + 1 :])) for size in sizes
    )
