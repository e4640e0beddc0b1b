"""Each entry repeated in place."""

from specc.components import Example, Layer, Site
from specc.components.fields import Axis, Size
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.sizes import axis_of
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class RepeatInterleave(Layer):
    """Repeats every entry of axis ``dim`` beside itself (`torch.repeat_interleave`).

    Input ``any[B, H, D]``, output of ``repeat_interleave(4, dim=1)``: ``any[B, 4*H, D]``, in the
    order 0 0 0 0 1 1 1 1. Without ``dim`` the tensor is flattened first, batch and all.
    """

    signature = "any[...] -> any[...repeated]"
    examples = (
        Example("float[B, T]", repeats=3),
        Example("float[B, T]", repeats=2, dim=1),
    )

    repeats: Size
    dim: Axis | None = None

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        repeats = site.size("repeats")
        if self.dim is None:
            return TensorType(mixed(given.element), (repeats * Dim.product(given.dims),))
        axis = axis_of(given, self.dim, field="dim")
        dims = list(given.dims)
        dims[axis] = repeats * dims[axis]
        element = mixed(given.element) if axis == given.rank - 1 else given.element
        return TensorType(element, tuple(dims))

    def lower(self, site: Site) -> ir.Expr:
        named = {"dim": site.value("dim")} if "dim" in site.written else {}
        return site.method(site.tensor("x"), "repeat_interleave", site.value("repeats"), **named)
