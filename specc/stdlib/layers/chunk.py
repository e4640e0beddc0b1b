"""A tensor cut into equal parts."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.cutting import pieces
from specc.stdlib.families.sizes import axis_of, must_divide
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Chunk(Layer):
    """Cuts axis ``dim`` into ``chunks`` parts: ``q, k, v = x |> chunk(3, dim=-1)`` (`torch.chunk`).

    Input ``any[B, T, 3*D]``, output a list of ``any[B, T, D]``. The default axis is 0, the batch,
    as in torch. A known size that does not divide gives parts as torch makes them, the last one
    smaller. Errors: fewer parts than asked for; a size not known to divide.
    """

    signature = "any[...] -> any[...part]"
    examples = (
        Example("float[B, T, 12]", chunks=3, dim=-1),
        Example("float[6, 4]", chunks=2),
        Example("float[B, 7]", chunks=3, dim=1),
    )

    chunks: int
    dim: Axis = 0

    def infer(self, site: Site) -> tuple[TensorType, ...]:
        given = site.inputs["x"]
        axis = axis_of(given, self.dim, field="dim")
        return pieces(given, axis, self._sizes(site, given.dims[axis]))

    def _sizes(self, site: Site, whole: Dim) -> list[Dim]:
        chunks = site.size("chunks")
        if self.chunks < 1:
            raise Refusal(BAD_SHAPE, f"{self.chunks} is no number of parts", field="chunks")
        if whole.known is None:
            must_divide(site, Dim.of(self.chunks), whole, "parts", "entries", field="chunks")
            return [whole // chunks] * self.chunks
        if whole.known == 0:  # torch gives as many parts as it is asked for
            return [whole] * self.chunks
        size = -(-whole.known // self.chunks)
        count = -(-whole.known // size)
        if count != self.chunks:
            raise Refusal(
                BAD_SHAPE,
                f"{whole} entries in parts of {size} make {count} parts, not {self.chunks}",
                help="torch.chunk gives fewer parts then; take a number that divides",
                field="chunks",
            )
        if whole.known % self.chunks == 0:
            return [whole // chunks] * self.chunks
        part = -(-whole // chunks)
        return [part] * (count - 1) + [whole - part * (chunks - 1)]

    def lower(self, site: Site) -> ir.Expr:
        axis = {"dim": site.value("dim")} if "dim" in site.written else {}
        return site.method(site.tensor("x"), "chunk", site.value("chunks"), **axis)
