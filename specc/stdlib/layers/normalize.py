"""Vectors of length one."""

from typing import Any

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import Axis, Positive
from specc.ir import expr as ir
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType
from specc.types.terms import Const


class Normalize(FunctionLayer):
    """``x / max(norm(x), eps)`` along ``dim`` (`torch.nn.functional.normalize`).

    Input ``float[B, D]``, output the same shape, with vectors of length one along ``dim``.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.normalize"
    examples = (
        Example("float[B, D]", p=1),
        Example("float[B, T, D]", dim=-1, eps=4),
    )

    p: float = 2.0
    dim: Axis = 1
    eps: Positive = 1e-12

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axis_of(given, self.dim, field="dim")
        return TensorType(Element("float"), given.dims)

    def lower(self, site: Site) -> ir.Expr:
        settings: dict[str, Any] = dict(site.fields())
        if settings.get("p") == Const(int(self.p)):
            settings["p"] = self.p  # TorchScript takes no whole number here
        return site.function(self.target, site.tensor("x"), **settings)
