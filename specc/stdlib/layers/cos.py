"""Cosines."""

from specc.components import FunctionLayer


class Cos(FunctionLayer):
    """The cosine, value by value (`torch.cos`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.cos"
