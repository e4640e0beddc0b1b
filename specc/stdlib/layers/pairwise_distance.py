"""Distances between vectors."""

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import NotNegative, Positive
from specc.stdlib.families.broadcasting import common
from specc.stdlib.families.reduction import reduced
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType


class PairwiseDistance(FunctionLayer):
    """The p-norm of the difference along the last axis (`torch.nn.functional.pairwise_distance`).

    Inputs ``float[B, D]`` twice, shapes that broadcast; output ``float[B]``. ``eps`` is added to
    each difference, so that the gradient of equal vectors exists.
    """

    signature = "x1: float[...A], x2: float[...B] -> float[...rest]"
    target = "torch.nn.functional.pairwise_distance"
    examples = (
        Example({"x1": "float[B, D]", "x2": "float[B, D]"}, p=1, eps=0.1),
        Example({"x1": "float[B, T, D]", "x2": "float[B, T, D]"}, keepdim=True),
    )

    p: Positive = 2.0
    eps: NotNegative = 1e-6
    keepdim: bool = False

    def infer(self, site: Site) -> TensorType:
        both = TensorType(Element("float"), common(site, "x1", "x2"))
        axis = axis_of(both, -1, field="p")
        return TensorType(both.element, reduced(both.dims, (axis,), self.keepdim))
