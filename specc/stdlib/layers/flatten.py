"""Several axes made one."""

from specc.components import Example, Layer, Site
from specc.components.errors import BAD_SETTING, Refusal
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.sizes import axis_of
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Flatten(Layer):
    """Makes one axis of those from ``start_dim`` to ``end_dim`` (`torch.nn.Flatten`).

    Input ``any[B, C, H, W]``, output ``any[B, C*H*W]``: the batch stays, as in the module rather
    than in `torch.flatten`. Its size never has to be written.
    """

    signature = "any[...] -> any[...flat]"
    examples = (
        Example("float[B, C, H, W]"),
        Example("ids(5)[B, T, 3, 2]", start_dim=0, end_dim=-2),
    )

    start_dim: Axis = 1
    end_dim: Axis = -1

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        start = axis_of(given, self.start_dim, field="start_dim")
        end = axis_of(given, self.end_dim, field="end_dim")
        if start > end:
            raise Refusal(
                BAD_SETTING,
                f"start_dim is axis {start}, after end_dim, axis {end}",
                field="end_dim",
            )
        if start == end:
            return given
        flat = Dim.product(given.dims[start : end + 1])
        element = mixed(given.element) if end == given.rank - 1 else given.element
        return TensorType(element, (*given.dims[:start], flat, *given.dims[end + 1 :]))

    def lower(self, site: Site) -> ir.Expr:
        ends = (site.value("end_dim"),) if "end_dim" in site.written else ()
        return site.method(site.tensor("x"), "flatten", site.value("start_dim"), *ends)
