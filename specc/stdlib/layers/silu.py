"""Sigmoid linear unit, also called swish."""

from specc.components import FunctionLayer


class Silu(FunctionLayer):
    """``x * sigmoid(x)``, value by value (`torch.nn.functional.silu`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.silu"
