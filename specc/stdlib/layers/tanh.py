"""Hyperbolic tangent."""

from specc.components import FunctionLayer


class Tanh(FunctionLayer):
    """``tanh(x)``, value by value (`torch.tanh`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.tanh"
