"""The smallest value and its place."""

from specc.components import Example
from specc.stdlib.families.extremum import Extremum


class Min(Extremum):
    """The smallest value along ``dim``, and where it stands (`torch.min`).

    Input ``number[B, T]``, output of ``min(dim=1)``: ``values: number[B]``, ``indices: ids(T)[B]``;
    used as a tensor it is the values. Without ``dim``, the smallest value of all. `amin` reduces
    several axes.
    """

    signature = "number[...] -> (values: number[...reduced], indices: ids(n)[...reduced])"
    target = "torch.min"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=-1, keepdim=True),
    )
