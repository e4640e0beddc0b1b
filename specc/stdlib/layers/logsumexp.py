"""A sum of exponentials, as a logarithm."""

from specc.components import Example
from specc.components.fields import Ints
from specc.stdlib.families.reduction import Reduction


class Logsumexp(Reduction):
    """``log(exp(x).sum(dim))`` without overflow (`torch.logsumexp`).

    Input ``float[B, C]``, output of ``logsumexp(dim=1)``: ``float[B]``.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.logsumexp"
    examples = (
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=[1, 2], keepdim=True),
    )

    dim: int | Ints
    keepdim: bool = False
