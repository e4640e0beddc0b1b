"""Axes of size one seen as larger."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Sizes
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.shape import sizes_of, terms_of
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import TensorType


class Expand(Layer):
    """The tensor seen in a larger shape, nothing copied: ``expand(B, -1, -1)`` (`Tensor.expand`).

    Input ``any[1, 1, D]``, output of ``expand(B, T, -1)``: ``any[B, T, D]``. Axes of size one take
    the size written, -1 keeps a size, and new axes may stand in front.
    Errors: another size for an axis that is not one.
    """

    signature = "any[...] -> any[...size]"
    variadic = "size"
    examples = (
        Example("float[1, D]", size=[4, 3, -1]),
        Example("float[1, D]", size=[5, -1]),
        Example("float[B, 1]", size=[-1, 5]),
    )

    size: Sizes

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        wanted = sizes_of(site, "size", free=True)
        new = len(wanted) - given.rank
        if new < 0:
            raise Refusal(
                BAD_SHAPE,
                f"{given} has {given.rank} axes, but only {len(wanted)} sizes are given",
                help="write -1 for an axis that keeps its size",
                field="size",
            )
        if any(size.known == -1 for size in wanted[:new]):
            raise Refusal(BAD_SHAPE, "a new axis has no size to keep", field="size")
        dims = wanted[:new] + tuple(
            self._expanded(site, axis, old, size)
            for axis, (old, size) in enumerate(zip(given.dims, wanted[new:], strict=True))
        )
        grown = given.rank > 0 and dims[-1].poly != given.dims[-1].poly
        return TensorType(mixed(given.element) if grown else given.element, dims)

    @staticmethod
    def _expanded(site: Site, axis: int, old: Dim, size: Dim) -> Dim:
        if size.known == -1:
            return old
        if old.known == 1:
            return size
        if site.facts.compare(old.poly, size.poly) is Verdict.EQUAL:
            return size
        raise Refusal(
            BAD_SHAPE,
            f"axis {axis} has size {old} and cannot become {size}",
            help="only an axis of size 1 expands; -1 keeps a size",
            field="size",
        )

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "expand", *terms_of(site, "size"))
