"""The axes in another order."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import axes_of, mixed
from specc.stdlib.families.shape import terms_of
from specc.types.tensor import TensorType


class Permute(Layer):
    """The axes in the order given: ``permute(0, 2, 1)`` (`torch.permute`).

    Input ``any[B, T, C]``, output ``any[B, C, T]``. Errors: an axis that is left out.
    """

    signature = "any[...] -> any[...permuted]"
    variadic = "dims"
    examples = (
        Example("float[B, T, D]", dims=[0, 2, 1]),
        Example("float[B, T, D]", dims=[1, 0, -1]),
    )

    dims: Ints

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        axes = axes_of(given, self.dims, field="dims")
        if len(axes) != given.rank:
            raise Refusal(
                BAD_SETTING,
                f"{given} has {given.rank} axes, of which {len(axes)} are given",
                help="name every axis once; `transpose` swaps two",
                field="dims",
            )
        last_stays = not axes or axes[-1] == given.rank - 1
        element = given.element if last_stays else mixed(given.element)
        return TensorType(element, tuple(given.dims[axis] for axis in axes))

    def lower(self, site: Site) -> ir.Expr:
        return site.method(site.tensor("x"), "permute", *terms_of(site, "dims"))
