"""Probabilities that are high where the input is low."""

from specc.components import Example
from specc.stdlib.families.distribution import AlongAxis


class Softmin(AlongAxis):
    """``softmax(-x)`` (`torch.nn.functional.softmin`).

    Any shape, kept; the values along ``dim`` are probabilities that sum to one. ``dim`` may be left
    out for ``float[B, classes]`` alone: torch's own guess is deprecated.

    Errors: no ``dim`` where there are several axes to choose from.
    """

    signature = "float[...] -> probs[...]"
    target = "torch.nn.functional.softmin"
    examples = (
        Example("float[B, C]"),
        Example("float[B, C, H, W]", dim=1),
    )
