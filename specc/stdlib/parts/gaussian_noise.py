"""Noise as a regulariser."""

import torch
from torch import Tensor, nn


class GaussianNoise(nn.Module):
    """Adds normal noise in training."""

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x + self.std * torch.randn_like(x)

    def extra_repr(self) -> str:
        return f"std={self.std}"
