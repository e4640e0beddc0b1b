"""Dropout of channels that keeps mean and variance."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class FeatureAlphaDropout(ModuleLayer):
    """Replaces channels at random, keeping mean and variance (`torch.nn.FeatureAlphaDropout`).

    Input ``float[B, C, ...]``, kept; nothing happens outside training. Goes with `selu`.
    """

    signature = "float[B, C, ...] -> float[B, C, ...]"
    target = "torch.nn.FeatureAlphaDropout"

    p: Probability = 0.5
