"""The sum."""

from specc.components import Example, Refusal
from specc.components.errors import BAD_KIND
from specc.stdlib.families.reduction import Reduction
from specc.types.tensor import Element, TensorType


class Sum(Reduction):
    """The sum over ``dim``, or over everything (`torch.sum`).

    Input ``float[B, T, D]``, output of ``sum(dim=1)``: ``float[B, D]``. Of a mask it is the number
    of places that count, an ``int``.
    """

    signature = "any[...] -> any[...reduced]"
    target = "torch.sum"
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, D]", dim=1),
        Example("float[B, T, D]", dim=[1, -1], keepdim=True),
        Example("mask[B, T]", dim=1),
    )

    def element(self, given: TensorType, axes: tuple[int, ...]) -> Element:
        if given.element.base in ("bool", "uint8"):
            return Element("int")
        if given.element.name == "ids":
            raise Refusal(
                BAD_KIND,
                f"{given.element} are names of classes, which have no sum",
                help="embed them, or count with a comparison: `(x == 3) |> sum`",
            )
        return given.element.plain
