"""Axes of size one left out."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import axes_of, mixed
from specc.types.tensor import TensorType


class Squeeze(Layer):
    """Leaves out the axes ``dim``, which have to be of size one (`torch.squeeze`).

    Input ``any[B, 1]``, output of ``squeeze(1)``: ``any[B]``. Without ``dim`` every axis that is
    known to be one. Errors: an axis of another size, which torch would keep in silence; a size
    that only turns out to be one (a batch, say) is never left out.
    """

    signature = "any[...] -> any[...squeezed]"
    examples = (
        Example("float[B, 1, T, 1]"),
        Example("float[B, 1, T, 1]", dim=1),
        Example("probs[B, 1, 1]", dim=[1, -1]),
    )

    dim: int | Ints | None = None

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axes = self._axes(given)
        for axis in axes:
            if given.dims[axis].known != 1:
                raise Refusal(
                    BAD_SHAPE,
                    f"axis {axis} of {given} has size {given.dims[axis]}, not 1",
                    help="an axis of another size cannot be left out: index or reduce it",
                    field="dim",
                )
        kept = tuple(dim for axis, dim in enumerate(given.dims) if axis not in axes)
        element = mixed(given.element) if given.rank - 1 in axes else given.element
        return TensorType(element, kept)

    def _axes(self, given: TensorType) -> tuple[int, ...]:
        if self.dim is None:
            return tuple(axis for axis, dim in enumerate(given.dims) if dim.known == 1)
        return axes_of(given, self.dim)

    def lower(self, site: Site) -> ir.Expr:
        if self.dim is not None:
            return site.method(site.tensor("x"), "squeeze", site.value("dim"))
        axes = self._axes(site.inputs["x"])
        return site.method(site.tensor("x"), "squeeze", axes[0] if len(axes) == 1 else list(axes))
