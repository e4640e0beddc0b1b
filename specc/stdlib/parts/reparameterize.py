"""A draw from a normal distribution that gradients pass through."""

import torch
from torch import Tensor, nn


class Reparameterize(nn.Module):
    """Draws from a normal distribution in training; its mean otherwise."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training:
            return mean
        return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
