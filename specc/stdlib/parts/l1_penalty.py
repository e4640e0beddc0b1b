"""The size of weights, to be kept small."""

import torch
from torch import Tensor, nn


def l1_penalty(module: nn.Module) -> Tensor:
    """The sum of the absolute values of all parameters of ``module``."""
    return torch.stack([parameter.abs().sum() for parameter in module.parameters()]).sum()
