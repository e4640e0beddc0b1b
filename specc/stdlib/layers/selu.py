"""Scaled exponential linear unit."""

from specc.components import FunctionLayer


class Selu(FunctionLayer):
    """``scale * elu(x)``, value by value (`torch.nn.functional.selu`).

    Any shape, kept; the constants are those that keep mean and variance. Goes with `alpha_dropout`.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.selu"
