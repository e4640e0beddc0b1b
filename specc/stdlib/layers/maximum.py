"""The larger of two values."""

from specc.components import Example, FunctionLayer, Site
from specc.stdlib.families.broadcasting import common
from specc.types.tensor import TensorType


class Maximum(FunctionLayer):
    """The larger of two tensors, value by value: ``(a, b) |> maximum`` (`torch.maximum`).

    Inputs of one kind whose shapes broadcast; output of the common shape.
    """

    signature = "input: number[...A], other: number[...B] -> number[...common]"
    target = "torch.maximum"
    examples = (
        Example({"input": "float[B, T, D]", "other": "float[B, T, D]"}),
        Example({"input": "float[B, T]", "other": "float[1, T]"}),
    )

    def infer(self, site: Site) -> TensorType:
        return TensorType(site.bindings.elements["number"], common(site, "input", "other"))
