"""Logarithm of the logistic function."""

from specc.components import FunctionLayer


class Logsigmoid(FunctionLayer):
    """``log(1 / (1 + exp(-x)))``, value by value (`torch.nn.functional.logsigmoid`).

    Any shape, kept. Each value is the logarithm of a probability of its own.
    """

    signature = "float[...] -> log_probs[...]"
    target = "torch.nn.functional.logsigmoid"
