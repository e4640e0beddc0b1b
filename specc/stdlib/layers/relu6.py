"""Rectified linear unit with a ceiling."""

from specc.components import FunctionLayer


class Relu6(FunctionLayer):
    """``min(max(x, 0), 6)``, value by value (`torch.nn.functional.relu6`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.relu6"
