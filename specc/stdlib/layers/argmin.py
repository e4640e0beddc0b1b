"""The place of the smallest value."""

from specc.components import Example
from specc.components.fields import Axis
from specc.stdlib.families.reduction import Reduction
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class Argmin(Reduction):
    """Where the smallest value along ``dim`` stands (`torch.argmin`).

    Input ``number[B, C]``, output of ``argmin(dim=1)``: ``ids(C)[B]``.
    Without ``dim``, the place in the flattened tensor, batch and all.
    No gradient passes.
    """

    signature = "number[...] -> ids(n)[...reduced]"
    target = "torch.argmin"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=-1, keepdim=True),
    )

    dim: Axis | None = None

    def element(self, given: TensorType, axes: tuple[int, ...]) -> Element:
        return Element("ids", Dim.product(given.dims[axis] for axis in axes))
