"""Columns of images through functions of torch, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

BLOCK_BYTES = 32 << 20
"""Rows are converted in blocks of about this size, so that nothing but the result is large."""


def in_blocks(column: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """``function`` over the rows of a numpy array; it is given whole rows, and gives as many."""
    import numpy as np
    import torch

    row_bytes = max(1, column[:1].nbytes)
    step = max(1, BLOCK_BYTES // row_bytes)
    result = None
    for start in range(0, max(1, len(column)), step):
        block = np.ascontiguousarray(column[start : start + step])
        if not block.flags.writeable:
            block = block.copy()  # torch wants none that is mapped from a file for reading
        done = function(torch.from_numpy(block)).numpy()
        if result is None:
            result = np.empty((len(column), *done.shape[1:]), done.dtype)
        result[start : start + step] = done
    return result


def through_floats(images: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """``function`` over 32-bit floats; bytes are rounded back."""
    import torch

    if images.dtype != torch.uint8:
        return function(images)
    return function(images.float()).round_().clamp_(0, 255).to(torch.uint8)
