"""The largest or smallest value, with its place."""

from __future__ import annotations

from typing import ClassVar

from specc.components import Layer, Outputs, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.reduction import reduced
from specc.stdlib.families.sizes import axis_of
from specc.types.tensor import Element, TensorType


class Extremum(Layer):
    """One value along ``dim`` and its place; without ``dim``, one value of all."""

    target: ClassVar[str]

    dim: Axis | None = None
    keepdim: bool = False

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        if self.dim is None:
            if self.keepdim:
                raise Refusal(BAD_SETTING, "keepdim without dim keeps nothing", field="keepdim")
            return TensorType(mixed(given.element), ())
        axis = axis_of(given, self.dim, field="dim")
        dims = reduced(given.dims, (axis,), self.keepdim)
        element = mixed(given.element) if axis == given.rank - 1 else given.element
        place = Element("ids", given.dims[axis])
        return {"values": TensorType(element, dims), "indices": TensorType(place, dims)}

    def lower(self, site: Site) -> ir.Expr | dict[str, ir.Expr]:
        if self.dim is None:
            return site.function(self.target, site.tensor("x"))
        both = site.function(self.target, site.tensor("x"), **site.fields())
        return {"values": ir.Pick(both, "values"), "indices": ir.Pick(both, "indices")}
