"""Gaussian error linear unit."""

from typing import Literal

from specc.components import FunctionLayer


class Gelu(FunctionLayer):
    """``x * P(N <= x)`` for a standard normal ``N`` (`torch.nn.functional.gelu`).

    Any shape, kept. ``approximate="tanh"`` is the formula of GPT-2 and BERT's first code.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.gelu"

    approximate: Literal["none", "tanh"] = "none"
