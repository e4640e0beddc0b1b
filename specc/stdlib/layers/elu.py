"""Exponential linear unit."""

from specc.components import FunctionLayer


class Elu(FunctionLayer):
    """``x`` above zero, ``alpha * (exp(x) - 1)`` below (`torch.nn.functional.elu`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.elu"

    alpha: float = 1.0
