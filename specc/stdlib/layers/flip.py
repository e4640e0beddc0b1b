"""Axes reversed."""

from specc.components import Example, Layer, Site
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import axes_of, mixed
from specc.types.tensor import TensorType


class Flip(Layer):
    """Reverses the order along the given axes: ``flip(1)`` (`torch.flip`).

    Any shape, kept. Errors: padding moves to the front with the rest of a padded sequence.
    """

    signature = "any[...] -> any[...]"
    variadic = "dims"
    examples = (
        Example("float[B, T]", dims=[1]),
        Example("float[B, T, D]", dims=[1, -1]),
    )

    dims: Ints

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axes = axes_of(given, self.dims, field="dims")
        return TensorType(
            mixed(given.element) if given.rank - 1 in axes else given.element, given.dims
        )

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "flip", site.value("dims"))
