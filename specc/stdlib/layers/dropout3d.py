"""Zeroes channels of a volume at random."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class Dropout3d(ModuleLayer):
    """Zeroes whole channels with probability ``p`` in training (`torch.nn.Dropout3d`).

    Input ``float[B, C, D, H, W]``, kept; nothing happens outside training.
    """

    signature = "float[B, C, D, H, W] -> float[B, C, D, H, W]"
    target = "torch.nn.Dropout3d"

    p: Probability = 0.5
