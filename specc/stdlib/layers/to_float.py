"""Floats of other numbers."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.ir import expr as ir
from specc.types.tensor import Element, TensorType


class ToFloat(Layer):
    """The values as floats: bytes from 0 to 1, masks as 0 and 1 (`Tensor.float`).

    Any shape, kept. ``uint8`` is divided by 255, as everywhere in specc; integers keep their
    values. Errors: ids, which are names of classes rather than quantities.
    """

    signature = "any[...] -> float[...]"
    examples = (
        Example("uint8[B, T]"),
        Example("mask[B, T]"),
        Example("logits[B, T]"),
        Example("int[B]"),
    )
    exceptions = {"gradients": "only floats have them"}

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        if given.element.base == "str" or given.element.name == "ids":
            raise Refusal(
                BAD_KIND,
                f"{given.element} are no quantities",
                help="one_hot makes floats of ids, embedding learns them",
                tensor="x",
            )
        if given.element.base == "float":
            return given
        return TensorType(Element("float"), given.dims)

    def lower(self, site: Site) -> ir.Expr:
        floats = site.method(site.tensor("x"), "float")
        if site.inputs["x"].element.base == "uint8":
            return site.operation("/", floats, 255)
        return floats
