"""Zeros."""

from specc.components import Example
from specc.stdlib.families.creation import Creation


class Zeros(Creation):
    """Zeros: ``zeros(B, 64)`` (`torch.zeros`).

    No input; output ``float[...]`` with the sizes as written.
    """

    signature = "-> float[...size]"
    target = "torch.zeros"
    examples = (
        Example(size=[3, 4]),
        Example(size=[2]),
    )
    exceptions = {"gradients": "nothing is learned or given"}
