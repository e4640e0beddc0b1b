"""Hides the future from attention."""

import torch
from torch import Tensor


def causal_mask(x: Tensor) -> Tensor:
    """True above the diagonal: what each of the T positions of ``x`` (B, T, ...) may not see."""
    length = x.shape[1]
    return torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
