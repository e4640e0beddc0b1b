"""The place of the largest value."""

from specc.components import Example
from specc.components.fields import Axis
from specc.stdlib.families.reduction import Reduction
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class Argmax(Reduction):
    """Where the largest value along ``dim`` stands (`torch.argmax`).

    Input ``number[B, C]``, output of ``argmax(dim=1)``: ``ids(C)[B]``, the predicted class where
    the values are scores. Without ``dim``, the place in the flattened tensor, batch and all. No
    gradient passes.
    """

    signature = "number[...] -> ids(n)[...reduced]"
    target = "torch.argmax"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=-1, keepdim=True),
    )

    dim: Axis | None = None

    def element(self, given: TensorType, axes: tuple[int, ...]) -> Element:
        return Element("ids", Dim.product(given.dims[axis] for axis in axes))
