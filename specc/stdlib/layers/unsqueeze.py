"""A new axis of size one."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Unsqueeze(Layer):
    """A new axis of size one at place ``dim`` of the result (`torch.unsqueeze`).

    Input ``any[B, T]``, output of ``unsqueeze(1)``: ``any[B, 1, T]``.
    """

    signature = "any[...] -> any[...unsqueezed]"
    examples = (
        Example("float[B, T]", dim=1),
        Example("ids(3)[B, T]", dim=-1),
    )

    dim: Axis

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        places = given.rank + 1
        if not -places <= self.dim < places:
            raise Refusal(
                BAD_SHAPE,
                f"{given} with one more axis has no axis {self.dim}",
                help=f"its axes are 0 to {given.rank}, or -{places} to -1",
                field="dim",
            )
        axis = self.dim % places
        element = mixed(given.element) if axis == given.rank else given.element
        return TensorType(element, (*given.dims[:axis], Dim.of(1), *given.dims[axis:]))

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "unsqueeze", site.value("dim"))
