"""The size of weights, to be kept small."""

import torch
from torch import Tensor, nn


def l2_penalty(module: nn.Module) -> Tensor:
    """The sum of the squares of all parameters of ``module``."""
    return torch.stack([parameter.square().sum() for parameter in module.parameters()]).sum()
