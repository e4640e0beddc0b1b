"""The largest values and their places."""

from specc.components import Example, Layer, Site
from specc.components.fields import Axis, Size
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType


class Topk(Layer):
    """The ``k`` largest values along ``dim``, and where they stand (`torch.topk`).

    Input ``number[B, C]``, output ``values: number[B, k]`` and ``indices: ids(C)[B, k]``, the
    largest first; with ``largest=false`` the smallest. Errors: more values than there are.
    """

    signature = "number[...] -> (values: number[...top], indices: ids(n)[...top])"
    examples = (
        Example("float[B, T]", k=3),
        Example("logits[B, T, D]", k=2, dim=1, largest=False, sorted=False),
    )
    neutral = {"sorted": "torch sorts on the CPU in any case"}

    k: Size
    dim: Axis = -1
    largest: bool = True
    sorted: bool = True

    def infer(self, site: Site) -> dict[str, TensorType]:
        given = site.inputs["x"]
        axis = axis_of(given, self.dim, field="dim")
        k, size = site.size("k"), given.dims[axis]
        site.require(size - k, 0, f"{k} values of {size} cannot be taken")
        dims = (*given.dims[:axis], k, *given.dims[axis + 1 :])
        element = mixed(given.element) if axis == given.rank - 1 else given.element
        return {
            "values": TensorType(element, dims),
            "indices": TensorType(Element("ids", size), dims),
        }

    def lower(self, site: Site) -> dict[str, ir.Expr]:
        settings = site.fields(skip=("k",))
        both = site.function("torch.topk", site.tensor("x"), site.value("k"), **settings)
        return {"values": ir.Pick(both, "values"), "indices": ir.Pick(both, "indices")}
