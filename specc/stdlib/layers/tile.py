"""The tensor beside itself."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Sizes
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.shape import sizes_of, terms_of
from specc.types.tensor import TensorType


class Tile(Layer):
    """The tensor repeated along each axis: ``tile(1, 2, 1)`` (`torch.tile`).

    Input ``any[B, T, D]``, output of ``tile(1, 2, 1)``: ``any[B, 2*T, D]``. Errors: a number of
    repetitions that is not given for every axis.
    """

    signature = "any[...] -> any[...tiled]"
    variadic = "dims"
    examples = (
        Example("float[B, T, D]", dims=[1, 2, 1]),
        Example("float[B, T, D]", dims=[1, 1, 3]),
    )

    dims: Sizes

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        counts = sizes_of(site, "dims")
        if len(counts) != given.rank:
            raise Refusal(
                BAD_SHAPE,
                f"{given} has {given.rank} axes, but {len(counts)} numbers are given",
                help="write 1 for an axis that is not repeated",
                field="dims",
            )
        dims = tuple(
            dim if count.known == 1 else count * dim
            for count, dim in zip(counts, given.dims, strict=True)
        )
        grown = bool(counts) and counts[-1].known != 1
        return TensorType(mixed(given.element) if grown else given.element, dims)

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "tile", *terms_of(site, "dims"))
