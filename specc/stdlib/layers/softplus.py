"""A smooth rectified linear unit."""

from specc.components import FunctionLayer
from specc.components.fields import Positive


class Softplus(FunctionLayer):
    """``log(1 + exp(beta * x)) / beta`` (`torch.nn.functional.softplus`).

    Any shape, kept. Linear where ``beta * x > threshold``.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.softplus"

    beta: Positive = 1.0
    threshold: float = 20.0
