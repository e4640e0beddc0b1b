"""Uniform noise."""

from specc.components import Example
from specc.stdlib.families.creation import Creation


class Rand(Creation):
    """Draws evenly between 0 and 1, anew at each call: ``rand(B, 64)`` (`torch.rand`).

    No input; output ``float[...]`` with the sizes as written.
    """

    signature = "-> float[...size]"
    target = "torch.rand"
    examples = (
        Example(size=[3, 4]),
        Example(size=[2]),
    )
    exceptions = {"gradients": "nothing is learned or given"}
