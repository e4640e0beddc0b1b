"""Numbers the positions of a sequence."""

import torch
from torch import Tensor


def positions(x: Tensor) -> Tensor:
    """0, 1, ..., T - 1 for ``x`` of shape (B, T, ...)."""
    return torch.arange(x.shape[1], device=x.device)
