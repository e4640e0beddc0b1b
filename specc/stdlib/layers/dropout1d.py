"""Zeroes channels of a sequence at random."""

from specc.components import ModuleLayer
from specc.components.fields import Probability


class Dropout1d(ModuleLayer):
    """Zeroes whole channels with probability ``p`` in training (`torch.nn.Dropout1d`).

    Input ``float[B, C, L]``, kept. In batch-first sequences, ``float[B, T, D]``, axis 1 is time:
    there it drops steps.
    """

    signature = "float[B, C, L] -> float[B, C, L]"
    target = "torch.nn.Dropout1d"

    p: Probability = 0.5
