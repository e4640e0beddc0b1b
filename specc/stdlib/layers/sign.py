"""Signs."""

from specc.stdlib.families.pointwise import Pointwise


class Sign(Pointwise):
    """-1, 0 or 1, value by value (`torch.sign`).

    Any shape, kept. No gradient passes.
    """

    signature = "number[...] -> number[...]"
    target = "torch.sign"
    exceptions = {"gradients": "it is flat wherever it has a gradient"}
