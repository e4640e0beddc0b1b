"""The smallest value."""

from specc.stdlib.families.reduction import Selection


class Amin(Selection):
    """The smallest value over ``dim``, or of all (`torch.amin`).

    Input ``number[B, T, D]``, output of ``amin(dim=1)``: ``number[B, D]``. Over padding it sees the
    padding too. `min` gives the place as well.
    """

    signature = "number[...] -> number[...reduced]"
    target = "torch.amin"
