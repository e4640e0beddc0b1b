"""One axis made several."""

from specc.components import Example, Layer, Site
from specc.components.fields import Axis, Sizes
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.shape import reshaped, sizes_of
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import TensorType


class Unflatten(Layer):
    """Splits axis ``dim`` into axes of the given sizes (`torch.unflatten`).

    Input ``any[B, T, heads*D]``, output of ``unflatten(2, [heads, D])``: ``any[B, T, heads, D]``.
    One size may be -1. Errors: sizes whose product is not the size of the axis.
    """

    signature = "any[...] -> any[...split]"
    examples = (
        Example("float[B, 12, 12]", dim=1, sizes=[4, -1]),
        Example("float[B, 12, 12]", dim=1, sizes=[2, 6]),
        Example("float[B, 12, 12]", dim=2, sizes=[4, -1]),
    )

    dim: Axis
    sizes: Sizes

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axis = axis_of(given, self.dim, field="dim")
        wanted = sizes_of(site, "sizes", free=True)
        sizes = reshaped(
            site, given.dims[axis : axis + 1], wanted, "sizes", "write -1 for a size that follows"
        )
        element = mixed(given.element) if axis == given.rank - 1 else given.element
        return TensorType(element, given.dims[:axis] + sizes + given.dims[axis + 1 :])

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "unflatten", site.value("dim"), site.value("sizes"))
