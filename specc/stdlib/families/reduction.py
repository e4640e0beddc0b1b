"""Axes reduced to one number each."""

from __future__ import annotations

from specc.components import FunctionLayer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import axes_of, mixed
from specc.types.dim import Dim
from specc.types.tensor import Dims, Element, TensorType


class Reduction(FunctionLayer):
    """Reduces the axes ``dim`` (one, a list, or all of them), or keeps each as 1 (``keepdim``)."""

    dim: int | Ints | None = None
    keepdim: bool = False

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        if self.keepdim and self.dim is None:
            raise Refusal(BAD_SETTING, "keepdim without dim keeps nothing", field="keepdim")
        axes = axes_of(given, self.dim)
        self.check(site, Dim.product(given.dims[axis] for axis in axes))
        return TensorType(self.element(given, axes), reduced(given.dims, axes, self.keepdim))

    def lower(self, site: Site) -> ir.Expr:
        skip = ("keepdim",) if self.dim is None else ()  # torch takes it with dim alone
        return site.function(self.target, site.tensor("x"), **site.fields(skip=skip))

    def check(self, site: Site, count: Dim) -> None:
        """Refuse a number of values that cannot be reduced."""

    def element(self, given: TensorType, axes: tuple[int, ...]) -> Element:
        """What the values are afterwards: arithmetic drops a refinement."""
        return given.element.plain


class Selection(Reduction):
    """A reduction that picks one of the values, so that they stay what they are."""

    def element(self, given: TensorType, axes: tuple[int, ...]) -> Element:
        return mixed(given.element) if given.rank - 1 in axes else given.element


def reduced(dims: Dims, axes: tuple[int, ...], keepdim: bool) -> Dims:
    """The shape without the axes, or with ones in their places."""
    one = Dim.of(1)
    return tuple(
        one if axis in axes else dim for axis, dim in enumerate(dims) if keepdim or axis not in axes
    )
