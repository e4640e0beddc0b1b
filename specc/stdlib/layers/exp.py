"""Exponentials."""

from specc.components import Example, FunctionLayer, Site
from specc.types.tensor import Element, TensorType


class Exp(FunctionLayer):
    """``e ** x``, value by value (`torch.exp`).

    Any shape, kept; of ``log_probs`` it makes ``probs``. Above 88 the result is infinite.
    """

    signature = "float[...] -> float[...]"
    target = "torch.exp"
    examples = (
        Example("log_probs[B, T]"),
        Example("float[B]"),
    )

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        element = "probs" if given.element.name == "log_probs" else "float"
        return TensorType(Element(element), given.dims)
