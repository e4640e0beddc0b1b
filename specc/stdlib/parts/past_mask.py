"""Lets attention see the past alone."""

import torch
from torch import Tensor


def past_mask(x: Tensor) -> Tensor:
    """True where a position of ``x`` (..., T, D) may look: at itself and at what came before."""
    length = x.shape[-2]
    return torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
