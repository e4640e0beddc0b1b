"""Cosines of angles between vectors."""

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import Axis, Positive
from specc.stdlib.families.broadcasting import common
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType


class CosineSimilarity(FunctionLayer):
    """The cosine of the angle between vectors along ``dim``
    (`torch.nn.functional.cosine_similarity`).

    Inputs ``float[B, D]`` twice, shapes that broadcast; output ``float[B]``, between -1 and 1.
    """

    signature = "x1: float[...A], x2: float[...B] -> float[...rest]"
    target = "torch.nn.functional.cosine_similarity"
    examples = (
        Example({"x1": "float[B, D, T]", "x2": "float[B, D, T]"}, eps=90),
        Example({"x1": "float[B, T, D]", "x2": "float[1, 1, D]"}, dim=-1),
    )

    dim: Axis = 1
    eps: Positive = 1e-8

    def infer(self, site: Site) -> TensorType:
        both = TensorType(Element("float"), common(site, "x1", "x2"))
        axis = axis_of(both, self.dim, field="dim")
        return TensorType(both.element, both.dims[:axis] + both.dims[axis + 1 :])
