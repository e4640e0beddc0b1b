"""Dropout that keeps mean and variance."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class AlphaDropout(ModuleLayer):
    """Replaces values at random, keeping mean and variance (`torch.nn.AlphaDropout`).

    Any shape, kept; nothing happens outside training. Goes with `selu`.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.AlphaDropout"

    p: Probability = 0.5
