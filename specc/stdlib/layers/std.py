"""The standard deviation."""

from specc.components import Example, Site
from specc.components.fields import Ints
from specc.stdlib.families.reduction import Reduction
from specc.types.dim import Dim


class Std(Reduction):
    """The standard deviation over ``dim``, or of everything (`torch.std`).

    Input ``float[B, T, D]``, output of ``std(dim=1)``: ``float[B, D]``. The sum of squares is
    divided by the number of values less ``correction``. Errors: no more values than ``correction``.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.std"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1, correction=0),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
    )

    dim: int | Ints | None = None
    correction: int = 1
    keepdim: bool = False

    def check(self, site: Site, count: Dim) -> None:
        why = f"{count} values have no standard deviation with correction {self.correction}"
        site.require(count, self.correction + 1, why)
