"""Natural logarithms."""

from specc.components import Example, FunctionLayer, Site
from specc.types.tensor import Element, TensorType


class Log(FunctionLayer):
    """The natural logarithm, value by value (`torch.log`).

    Any shape, kept; of ``probs`` it makes ``log_probs``, though `log_softmax` of the logits keeps
    more digits. Zero gives minus infinity, negative values nan.
    """

    signature = "float[...] -> float[...]"
    target = "torch.log"
    examples = (Example("probs[B, T]"),)

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        element = "log_probs" if given.element.name == "probs" else "float"
        return TensorType(Element(element), given.dims)
