"""A tensor cut into parts of given sizes."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Axis, Size, Sizes
from specc.ir import expr as ir
from specc.stdlib.families.cutting import pieces
from specc.stdlib.families.shape import sizes_of
from specc.stdlib.families.sizes import axis_of, must_divide, must_equal
from specc.types.dim import Dim
from specc.types.tensor import TensorType

MOST_PARTS = 1024


class Split(Layer):
    """Cuts axis ``dim`` into parts of a size, or of the sizes in a list (`torch.split`).

    Input ``any[B, 5]``, output of ``split([2, 3], dim=1)``: a list ``any[B, 2]``, ``any[B, 3]``.
    The default axis is 0, the batch, as in torch. Of one size, the last part may be smaller.
    Errors: sizes that do not add up; a number of parts that is not known.
    """

    signature = "any[...] -> any[...part]"
    examples = (
        Example("float[B, 7]", split_size_or_sections=[2, 5], dim=1),
        Example("float[6]", split_size_or_sections=4),
        Example("float[6, 6]", split_size_or_sections=3),
    )

    split_size_or_sections: Size | Sizes
    dim: Axis = 0

    def infer(self, site: Site) -> tuple[TensorType, ...]:
        given = site.inputs["x"]
        axis = axis_of(given, self.dim, field="dim")
        whole = given.dims[axis]
        if isinstance(self.split_size_or_sections, tuple):
            sizes = sizes_of(site, "split_size_or_sections")
            total = sum(sizes, Dim.of(0))
            must_equal(
                site, whole, total, "entries", "in the parts", field="split_size_or_sections"
            )
            return pieces(given, axis, sizes)
        return pieces(given, axis, self._equal(site, whole))

    def _equal(self, site: Site, whole: Dim) -> list[Dim]:
        size = site.size("split_size_or_sections")
        if whole.known is not None and size.known is not None:
            count, last = divmod(whole.known, size.known)
            self._refuse_many(count)
            return [size] * count + ([whole % size] if last else [])
        must_divide(site, size, whole, "entries a part", "entries", field="split_size_or_sections")
        parts = site.facts.normal((whole // size).poly).constant
        if parts is None:
            raise Refusal(
                BAD_SHAPE,
                f"{whole} entries in parts of {size} make a number of parts that is not known",
                help="give the sizes as a list, or use chunk, which takes the number",
                field="split_size_or_sections",
            )
        self._refuse_many(parts)
        return [size] * parts

    @staticmethod
    def _refuse_many(count: int) -> None:
        if count > MOST_PARTS:
            raise Refusal(
                BAD_SHAPE,
                f"{count} parts are more than {MOST_PARTS}",
                help="unflatten makes an axis of them",
                field="split_size_or_sections",
            )

    def lower(self, site: Site) -> ir.Expr:
        axis = {"dim": site.value("dim")} if "dim" in site.written else {}
        return site.method(site.tensor("x"), "split", site.value("split_size_or_sections"), **axis)
