"""Swish made of straight lines."""

from specc.components import FunctionLayer


class Hardswish(FunctionLayer):
    """``x * hardsigmoid(x)``, value by value (`torch.nn.functional.hardswish`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.hardswish"
