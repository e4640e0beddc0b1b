"""Two axes swapped."""

from specc.components import Example, Layer, Site
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import TensorType


class Transpose(Layer):
    """Swaps axes ``dim0`` and ``dim1`` (`torch.transpose`).

    Input ``any[B, T, C]``, output of ``transpose(1, 2)``: ``any[B, C, T]``. Of a shared weight it
    makes the tied projection: ``h @ (wte.weight |> transpose(0, 1))``.
    """

    signature = "any[...] -> any[...swapped]"
    examples = (
        Example("float[B, T, D]", dim0=1, dim1=2),
        Example("float[B, T, D]", dim0=0, dim1=-1),
    )

    dim0: Axis
    dim1: Axis

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        one = axis_of(given, self.dim0, field="dim0")
        other = axis_of(given, self.dim1, field="dim1")
        dims = list(given.dims)
        dims[one], dims[other] = dims[other], dims[one]
        last_stays = one == other or given.rank - 1 not in (one, other)
        return TensorType(given.element if last_stays else mixed(given.element), tuple(dims))

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "transpose", site.value("dim0"), site.value("dim1"))
