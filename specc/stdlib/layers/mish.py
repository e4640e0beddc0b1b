"""Mish."""

from specc.components import FunctionLayer


class Mish(FunctionLayer):
    """``x * tanh(softplus(x))``, value by value (`torch.nn.functional.mish`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.mish"
