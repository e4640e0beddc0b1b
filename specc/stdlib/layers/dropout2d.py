"""Zeroes channels of an image at random."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class Dropout2d(ModuleLayer):
    """Zeroes whole channels with probability ``p`` in training (`torch.nn.Dropout2d`).

    Input ``float[B, C, H, W]``, kept; nothing happens outside training.
    """

    signature = "float[B, C, H, W] -> float[B, C, H, W]"
    target = "torch.nn.Dropout2d"

    p: Probability = 0.5
