"""One value or another."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.ir import expr as ir
from specc.stdlib.families.broadcasting import common
from specc.types.tensor import TensorType


class Where(Layer):
    """``input`` where the condition is true, else ``other``: ``(mask, a, b) |> where``
    (`torch.where`).

    Inputs ``mask[...]`` and two tensors of one kind, whose shapes broadcast; in place of the
    second, a number: ``(mask, a) |> where(value=0.0)``.
    """

    signature = "condition: mask[...C], input: any[...A], other: any[...B]? -> any[...common]"
    examples = (
        Example({"condition": "mask[B, T]", "input": "float[B, T]", "other": "float[1, T]"}),
        Example({"condition": "mask[B, T]", "input": "float[B, T]"}, value=0.5),
        Example({"condition": "mask[B, T]", "input": "float[B, T]"}, value=1.5),
    )

    value: float | int | None = None

    def infer(self, site: Site) -> TensorType:
        if site.has("other") == (self.value is not None):
            raise Refusal(BAD_SETTING, "where takes a third tensor or a value, one of them")
        element = site.bindings.elements["any"]
        if self.value is not None:
            if element.base == "bool" or (
                element.base != "float" and isinstance(self.value, float)
            ):
                raise Refusal(BAD_KIND, f"{self.value} is not of {element}", field="value")
            element = element.plain
        return TensorType(element, common(site, *site.inputs))

    def lower(self, site: Site) -> ir.Expr:
        tensors = site.tensors()
        last = () if self.value is None else (site.value("value"),)
        return site.function("torch.where", *tensors, *last)
