"""The same values in another shape."""

from specc.components import Example, Layer, Site
from specc.components.fields import Sizes
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.shape import following, reshaped, sizes_of, terms_of
from specc.types.tensor import TensorType


class Reshape(Layer):
    """The values in their order, in the shape given: ``reshape(B, C, 1, 1)`` (`torch.reshape`).

    Any input; the output has the sizes as written, of which one may be -1. Errors: a shape that is
    not proven to hold as many values. To make one axis of several, `flatten` needs no size.
    """

    signature = "any[...] -> any[...shape]"
    variadic = "shape"
    examples = (
        Example("float[B, C, H, W]", shape=[-1, 1]),
        Example("float[B, 3, 4]", shape=[-1, 2, 6]),
        Example("float[B, 3, 4]", shape=[-1, 12]),
    )

    shape: Sizes

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        wanted = sizes_of(site, "shape", free=True)
        flat = len(wanted) == 2 and given.rank > 2
        help = "use flatten, which needs no size" if flat else following(given.dims, wanted)
        return TensorType(mixed(given.element), reshaped(site, given.dims, wanted, "shape", help))

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "reshape", *terms_of(site, "shape"))
