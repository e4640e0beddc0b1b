"""The smallest value."""

from specc.components import Example
from specc.stdlib.families.reduction import Selection


class Amin(Selection):
    """The smallest value over ``dim``, or of all (`torch.amin`).

    Input ``number[B, T, D]``, output of ``amin(dim=1)``: ``number[B, D]``. Over padding it sees the
    padding too. `min` gives the place as well.
    """

    signature = "number[...] -> number[...reduced]"
    target = "torch.amin"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
    )
