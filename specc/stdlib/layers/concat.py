"""Tensors one after the other."""

from specc.components import Example, Layer, Site
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import joined
from specc.stdlib.families.joining import must_align
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import TensorType


class Concat(Layer):
    """Joins tensors along an axis they have: ``(a, b) |> concat(dim=1)`` (`torch.concat`).

    Inputs ``any[B, C1, H]``, ``any[B, C2, H]``, ...; output ``any[B, C1 + C2, H]``. The default
    axis is 0, the batch, as in torch. Errors: other axes that differ; tensors of different kinds.
    """

    signature = "any[...] -> any[...joined]"
    many_inputs = True
    examples = (
        Example({"0": "float[B, 2, H]", "1": "float[B, C, H]"}, dim=1),
        Example({"0": "ids(3)[B]", "1": "ids(5)[B]"}),
        Example({"0": "float[B, T]", "1": "float[B, T]"}, dim=-1),
    )

    dim: Axis = 0

    def infer(self, site: Site) -> TensorType:
        types = dict(site.inputs)
        first, *others = types.values()
        axis = axis_of(first, self.dim, field="dim")
        must_align(site, types, apart=axis)
        dims = list(first.dims)
        for other in others:
            dims[axis] = dims[axis] + other.dims[axis]
        return TensorType(joined(types, mix=axis == first.rank - 1), tuple(dims))

    def lower(self, site: Site) -> ir.Expr:
        return site.function("torch.cat", site.listed(), **site.fields())
