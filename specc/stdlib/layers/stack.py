"""Tensors along a new axis."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import joined
from specc.stdlib.families.joining import must_align
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Stack(Layer):
    """Sets tensors of one shape side by side along a new axis ``dim`` (`torch.stack`).

    Inputs n times ``any[B, C]``, output of ``stack(dim=1)``: ``any[B, n, C]``. The default axis is
    0, before the batch, as in torch. Errors: shapes or kinds that differ.
    """

    signature = "any[...] -> any[...stacked]"
    many_inputs = True
    examples = (
        Example({"0": "float[B, T]", "1": "float[B, T]"}, dim=1),
        Example({"0": "mask[B]"}),
    )

    dim: Axis = 0

    def infer(self, site: Site) -> TensorType:
        types = dict(site.inputs)
        first = next(iter(types.values()))
        places = first.rank + 1
        if not -places <= self.dim < places:
            raise Refusal(
                BAD_SHAPE,
                f"{first} with one more axis has no axis {self.dim}",
                help=f"its axes are 0 to {first.rank}, or -{places} to -1",
                field="dim",
            )
        axis = self.dim % places
        must_align(site, types, apart=None)
        dims = (*first.dims[:axis], Dim.of(len(types)), *first.dims[axis:])
        return TensorType(joined(types, mix=axis == first.rank), dims)

    def lower(self, site: Site) -> ir.Expr:
        return site.function("torch.stack", site.listed(), **site.fields())
