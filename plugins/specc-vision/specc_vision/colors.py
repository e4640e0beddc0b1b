"""Sums of red, green and blue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""The shares of red, green and blue in brightness (ITU-R BT.601)."""


def luminance(images: Tensor) -> Tensor:
    """``[B, 3, H, W]`` as ``[B, 1, H, W]``."""
    weights = images.new_tensor(LUMA).reshape(3, 1, 1)
    return (images * weights).sum(1, keepdim=True)
