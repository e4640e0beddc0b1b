"""The largest value."""

from specc.stdlib.families.reduction import Selection


class Amax(Selection):
    """The largest value over ``dim``, or of all (`torch.amax`).

    Input ``number[B, T, D]``, output of ``amax(dim=1)``: ``number[B, D]``. Over padding it sees the
    padding too: `masked_max` does not. `max` gives the place as well.
    """

    signature = "number[...] -> number[...reduced]"
    target = "torch.amax"
