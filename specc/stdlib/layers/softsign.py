"""A sigmoid with slow tails."""

from specc.components import FunctionLayer


class Softsign(FunctionLayer):
    """``x / (1 + abs(x))``, value by value (`torch.nn.functional.softsign`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.softsign"
