"""Rectangles in images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def boxes(middle: Sequence[Tensor], size: Sequence[Tensor], shape: Sequence[int]) -> Tensor:
    """``bool[B, H, W]``, true in a rectangle for each row; what lies outside is cut off.

    ``middle`` and ``size`` are ``int64[B]`` for height and width each.
    """
    import torch

    inside = []
    for center, length, count in zip(middle, size, shape, strict=True):
        places = torch.arange(count, device=center.device)
        start = (center - length // 2).unsqueeze(1)
        inside.append((places >= start) & (places < start + length.unsqueeze(1)))
    return inside[0].unsqueeze(2) & inside[1].unsqueeze(1)


def over_images(box: Tensor, images: Tensor) -> Tensor:
    """``[B, H, W]`` in a shape that broadcasts against ``[B, ..., H, W]``."""
    return box.reshape(len(box), *(1,) * (images.ndim - 3), *box.shape[1:])
