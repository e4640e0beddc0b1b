"""The variance."""

from specc.components import Example, Site
from specc.components.fields import Ints
from specc.stdlib.families.reduction import Reduction
from specc.types.dim import Dim


class Var(Reduction):
    """The variance over ``dim``, or of everything (`torch.var`).

    Input ``float[B, T, D]``, output of ``var(dim=1)``: ``float[B, D]``. The sum of squares is
    divided by the number of values less ``correction``. Errors: no more values than ``correction``.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.var"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1, correction=0),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
    )

    dim: int | Ints | None = None
    correction: int = 1
    keepdim: bool = False

    def check(self, site: Site, count: Dim) -> None:
        why = f"{count} values have no variance with correction {self.correction}"
        site.require(count, self.correction + 1, why)
