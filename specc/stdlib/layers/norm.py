"""The length of vectors."""

from specc.components import Example, Site
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.reduction import Reduction


class Norm(Reduction):
    """``(abs(x) ** p).sum(dim) ** (1 / p)`` (`torch.linalg.vector_norm`).

    Input ``float[B, D]``, output of ``norm(dim=1)``: ``float[B]``; without ``dim``, of all values.
    The gradient of a zero vector is zero. `normalize` divides by it.
    """

    signature = "float[...] -> float[...reduced]"
    target = "torch.linalg.vector_norm"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1, p=1),
        Example("float[B, T, D]", dim=[1, 2], keepdim=True),
    )

    p: float | int = 2
    dim: int | Ints | None = None
    keepdim: bool = False

    def lower(self, site: Site) -> ir.Expr:
        order = {"ord": site.value("p")} if "p" in site.written else {}
        axes = {} if self.dim is None else site.fields(skip=("p",))
        return site.function(self.target, site.tensor("x"), **order, **axes)
