"""Logarithms near one."""

from specc.components import Example, FunctionLayer


class Log1p(FunctionLayer):
    """``log(1 + x)``, exact where x is small (`torch.log1p`).

    Any shape, kept. Values below -1 give nan.
    """

    signature = "float[...] -> float[...]"
    target = "torch.log1p"
    examples = (Example("probs[B, T]"),)
