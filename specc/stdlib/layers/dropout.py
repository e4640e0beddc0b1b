"""Zeroes values at random."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class Dropout(ModuleLayer):
    """Zeroes values with probability ``p`` in training and scales the rest (`torch.nn.Dropout`).

    Any shape, kept; nothing happens outside training.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.Dropout"

    p: Probability = 0.5
