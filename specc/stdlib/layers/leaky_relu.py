"""Rectified linear unit with a slope below zero."""

from specc.components import FunctionLayer


class LeakyRelu(FunctionLayer):
    """``x`` above zero, ``negative_slope * x`` below (`torch.nn.functional.leaky_relu`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.leaky_relu"

    negative_slope: float = 0.01
