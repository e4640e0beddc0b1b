"""Entries moved along an axis, around its end."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import axes_of, mixed
from specc.types.tensor import TensorType


class Roll(Layer):
    """Moves entries by ``shifts`` along ``dims``; what leaves at the end returns at the start
    (`torch.roll`).

    Any shape, kept. Errors: as many shifts as axes are wanted. Without ``dims`` torch rolls the
    flattened tensor, so that values move from one row of the batch to the next.
    """

    signature = "any[...] -> any[...]"
    examples = (
        Example("float[B, T]", shifts=2, dims=1),
        Example("float[B, T, D]", shifts=[1, -2], dims=[1, 2]),
        Example("float[B, T]", shifts=1),
    )

    shifts: int | Ints
    dims: int | Ints | None = None

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axes = axes_of(given, self.dims, field="dims")
        shifts = len(self.shifts) if isinstance(self.shifts, tuple) else 1
        if shifts != (len(axes) if self.dims is not None else 1):
            raise Refusal(BAD_SETTING, f"{shifts} shifts for {len(axes)} axes", field="shifts")
        return TensorType(
            mixed(given.element) if given.rank - 1 in axes else given.element, given.dims
        )

    def lower(self, site: Site) -> ir.Expr:
        return site.function("torch.roll", site.tensor("x"), **site.fields())
