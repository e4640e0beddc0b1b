"""The average."""

from specc.components import Example
from specc.stdlib.families.reduction import Reduction


class Mean(Reduction):
    """The average over ``dim``, or over everything (`torch.mean`).

    Input ``float[B, T, D]``, output of ``mean(dim=1)``: ``float[B, D]``; without ``dim`` a scalar.
    Over padding it averages the padding too: `masked_mean` leaves it out.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.mean"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
    )
