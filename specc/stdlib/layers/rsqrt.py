"""Reciprocals of square roots."""

from specc.components import Example, FunctionLayer


class Rsqrt(FunctionLayer):
    """``1 / sqrt(x)``, value by value (`torch.rsqrt`).

    Any shape, kept. Zero gives infinity.
    """

    signature = "float[...] -> float[...]"
    target = "torch.rsqrt"
    examples = (Example("probs[B, T]"),)
