"""The largest value and its place."""

from specc.components import Example
from specc.stdlib.families.extremum import Extremum


class Max(Extremum):
    """The largest value along ``dim``, and where it stands (`torch.max`).

    Input ``number[B, T]``, output of ``max(dim=1)``: ``values: number[B]``, ``indices: ids(T)[B]``;
    used as a tensor it is the values. Without ``dim``, the largest value of all. `amax` reduces
    several axes.
    """

    signature = "number[...] -> (values: number[...reduced], indices: ids(n)[...reduced])"
    target = "torch.max"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=-1, keepdim=True),
    )
