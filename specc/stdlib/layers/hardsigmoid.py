"""A sigmoid made of straight lines."""

from specc.components import FunctionLayer


class Hardsigmoid(FunctionLayer):
    """``min(max(x + 3, 0), 6) / 6``, value by value (`torch.nn.functional.hardsigmoid`).

    Any shape, kept; the values lie between 0 and 1.
    """

    signature = "float[...] -> probs[...]"
    target = "torch.nn.functional.hardsigmoid"
