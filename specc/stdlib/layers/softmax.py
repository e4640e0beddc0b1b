"""Probabilities from logits."""

from specc.components import Example
from specc.stdlib.families.distribution import AlongAxis


class Softmax(AlongAxis):
    """``exp(x) / exp(x).sum(dim)`` (`torch.nn.functional.softmax`).

    Any shape, kept; the values along ``dim`` are probabilities that sum to one. ``dim`` may be left
    out for ``float[B, classes]`` alone: torch's own guess is deprecated.

    Errors: no ``dim`` where there are several axes to choose from. A loss that wants logits (such
    as `cross_entropy`) applies it itself, and refuses its result.
    """

    signature = "float[...] -> probs[...]"
    target = "torch.nn.functional.softmax"
    examples = (
        Example("float[B, C]"),
        Example("float[B, C, H, W]", dim=1),
        Example("float[B, T, D]", dim=-1),
    )
