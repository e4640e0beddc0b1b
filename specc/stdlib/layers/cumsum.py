"""Running sums."""

from specc.components import Example, FunctionLayer, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.components.fields import Axis
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType


class Cumsum(FunctionLayer):
    """The sum of the values up to each place along ``dim`` (`torch.cumsum`).

    Input ``float[B, T]``, output of ``cumsum(dim=1)``: ``float[B, T]``. Of a mask it counts, which
    gives an ``int``.
    """

    signature = "any[...] -> any[...]"
    target = "torch.cumsum"
    examples = (
        Example("float[B, T]", dim=1),
        Example("mask[B, T]", dim=-1),
    )

    dim: Axis

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axis_of(given, self.dim, field="dim")
        if given.element.name == "ids":
            raise Refusal(BAD_KIND, f"{given.element} are names of classes, which have no sum")
        counts = given.element.base in ("bool", "uint8")
        return TensorType(Element("int") if counts else given.element.plain, given.dims)
