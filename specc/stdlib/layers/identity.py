"""Nothing."""

from specc.components import Layer, Site
from specc.ir import expr as ir
from specc.types.tensor import TensorType


class Identity(Layer):
    """The tensor as it is (`torch.nn.Identity`).

    Any shape and kind of values, kept: it stands where a layer is asked for and none is wanted.
    """

    signature = "any[...] -> any[...]"

    def infer(self, site: Site) -> TensorType:
        (given,) = site.inputs.values()
        return given

    def lower(self, site: Site) -> ir.Expr:
        (tensor,) = site.tensors()
        return tensor
