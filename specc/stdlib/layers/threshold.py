"""Replaces small values."""

from specc.components import FunctionLayer


class Threshold(FunctionLayer):
    """``x`` where it is above ``threshold``, else ``value`` (`torch.nn.functional.threshold`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.threshold"

    threshold: float
    value: float
