"""Gated linear unit."""

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import Axis
from specc.stdlib.families.sizes import axis_of, must_divide
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class Glu(FunctionLayer):
    """``a * sigmoid(b)`` for the two halves of axis ``dim`` (`torch.nn.functional.glu`).

    Any shape; the size at ``dim`` is halved.

    Errors: that size is odd, or not known to be even.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.glu"
    examples = (
        Example("float[B, 6]"),
        Example("float[B, 4, L]", dim=1),
    )

    dim: Axis = -1

    def infer(self, site: Site) -> TensorType:
        (given,) = site.inputs.values()
        axis = axis_of(given, self.dim, field="dim")
        must_divide(site, Dim.of(2), given.dims[axis], "halves", "values", field="dim")
        halved = (*given.dims[:axis], given.dims[axis] // 2, *given.dims[axis + 1 :])
        return TensorType(Element("float"), halved)
