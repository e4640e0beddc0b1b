"""Nothing."""

from specc.components import Layer, Site
from specc.ir import expr as ir


class Identity(Layer):
    """The tensor as it is (`torch.nn.Identity`).

    Any shape and kind of values, kept: it stands where a layer is asked for and none is wanted.
    """

    signature = "any[...] -> any[...]"

    def lower(self, site: Site) -> ir.Expr:
        return site.tensor("x")
