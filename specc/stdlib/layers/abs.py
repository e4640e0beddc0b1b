"""Absolute values."""

from specc.components import Example
from specc.stdlib.families.pointwise import Pointwise


class Abs(Pointwise):
    """The absolute value, value by value (`torch.abs`).

    Any shape, kept.
    """

    signature = "number[...] -> number[...]"
    target = "torch.abs"
    examples = (
        Example("float[B, T]"),
        Example("int[B, T]"),
    )
