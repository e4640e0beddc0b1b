"""A fixed encoding of positions."""

import math

import torch
from torch import Tensor


def sinusoidal_positions(x: Tensor) -> Tensor:
    """The encoding (T, D) for ``x`` of shape (B, T, D).

    PE(t, 2i) = sin(t / 10000^(2i/D)) and PE(t, 2i+1) = cos(t / 10000^(2i/D)); Vaswani et al.,
    Attention Is All You Need (2017), 3.5.
    """
    length, size = x.shape[1], x.shape[2]
    even = torch.arange(0, size, 2, device=x.device, dtype=torch.float32)
    rates = torch.exp(even * (-math.log(10000.0) / size))
    steps = torch.arange(length, device=x.device, dtype=torch.float32)
    angles = steps[:, None] * rates
    waves = torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)
    return waves[:, :size].to(x.dtype)
