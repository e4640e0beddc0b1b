"""Replaces small values."""

from specc.components import Example, FunctionLayer


class Threshold(FunctionLayer):
    """``x`` where it is above ``threshold``, else ``value`` (`torch.nn.functional.threshold`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.threshold"
    examples = (Example("float[B, D]", threshold=0.1, value=20),)

    threshold: float
    value: float
