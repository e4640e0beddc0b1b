"""Functions that make a distribution along one axis."""

from __future__ import annotations

from specc.components import FunctionLayer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.sizes import axis_of


class AlongAxis(FunctionLayer):
    """Normalises along ``dim``, which may be left out where only one axis is not the batch.

    torch guesses an axis where none is given, and warns that it will stop: it takes axis 0 of
    three. So the axis of a larger tensor has to be written.
    """

    dim: Axis | None = None

    def infer(self, site: Site) -> None:
        self.axis(site)

    def axis(self, site: Site) -> int:
        """The axis as the spec wrote it, or the one that follows."""
        (given,) = site.inputs.values()
        if self.dim is not None:
            axis_of(given, self.dim, field="dim")
            return self.dim
        if given.rank == 2:
            return 1
        raise Refusal(
            BAD_SETTING,
            f"{given} has {given.rank} axes: along which of them?",
            help="write dim=1 where the classes are at axis 1, dim=-1 where they are last",
        )

    def lower(self, site: Site) -> ir.Expr:
        dim = site.value("dim") if self.dim is not None else self.axis(site)
        return site.function(self.target, *site.tensors(), **{**site.fields(), "dim": dim})
