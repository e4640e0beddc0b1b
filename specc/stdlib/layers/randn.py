"""Normal noise."""

from specc.components import Example
from specc.stdlib.families.creation import Creation


class Randn(Creation):
    """Draws from the normal distribution, anew at each call: ``randn(B, 64)`` (`torch.randn`).

    No input; output ``float[...]`` with the sizes as written.
    """

    signature = "-> float[...size]"
    target = "torch.randn"
    examples = (
        Example(size=[3, 4]),
        Example(size=[2]),
    )
    exceptions = {"gradients": "nothing is learned or given"}
