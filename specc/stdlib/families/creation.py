"""Tensors made from nothing but their sizes."""

from __future__ import annotations

from typing import ClassVar

from specc.components import Layer, Site
from specc.components.fields import Sizes
from specc.ir import expr as ir
from specc.stdlib.families.shape import sizes_of, terms_of
from specc.types.tensor import Element, TensorType


class Creation(Layer):
    """Applied where it is written: ``randn(B, 64)``. It is made where the model's inputs are."""

    target: ClassVar[str]
    variadic = "size"

    size: Sizes

    def infer(self, site: Site) -> TensorType:
        return TensorType(Element("float"), sizes_of(site, "size"))

    def lower(self, site: Site) -> ir.Expr:
        return site.function(self.target, *terms_of(site, "size"), device=ir.Device())
