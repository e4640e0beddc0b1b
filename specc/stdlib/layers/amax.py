"""The largest value."""

from specc.components import Example
from specc.stdlib.families.reduction import Selection


class Amax(Selection):
    """The largest value over ``dim``, or of all (`torch.amax`).

    Input ``number[B, T, D]``, output of ``amax(dim=1)``: ``number[B, D]``. Over padding it sees the
    padding too: `masked_max` does not. `max` gives the place as well.
    """

    signature = "number[...] -> number[...reduced]"
    target = "torch.amax"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
    )
