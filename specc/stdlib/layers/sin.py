"""Sines."""

from specc.components import FunctionLayer


class Sin(FunctionLayer):
    """The sine, value by value (`torch.sin`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.sin"
