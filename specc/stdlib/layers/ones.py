"""Ones."""

from specc.components import Example
from specc.stdlib.families.creation import Creation


class Ones(Creation):
    """Ones: ``ones(B, 64)`` (`torch.ones`).

    No input; output ``float[...]`` with the sizes as written.
    """

    signature = "-> float[...size]"
    target = "torch.ones"
    examples = (
        Example(size=[3, 4]),
        Example(size=[2]),
    )
    exceptions = {"gradients": "nothing is learned or given"}
