"""The product."""

from specc.components import Example
from specc.components.fields import Axis
from specc.stdlib.families.reduction import Reduction


class Prod(Reduction):
    """The product over the axis ``dim``, or of everything (`torch.prod`).

    Input ``float[B, T]``, output of ``prod(dim=1)``: ``float[B]``.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.prod"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=-1, keepdim=True),
    )

    dim: Axis | None = None
