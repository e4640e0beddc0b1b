"""Rectified linear unit."""

from specc.components import FunctionLayer


class Relu(FunctionLayer):
    """``max(x, 0)``, value by value (`torch.nn.functional.relu`)."""

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.relu"
