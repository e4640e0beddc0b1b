"""Rectified linear unit with a learned slope below zero."""

from specc.components import Example, ModuleLayer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Size
from specc.stdlib.families.sizes import must_equal


class Prelu(ModuleLayer):
    """``x`` above zero, ``weight * x`` below (`torch.nn.PReLU`).

    Any shape, kept. ``num_parameters`` is 1 (one slope for all values) or the number of channels,
    which are at axis 1.

    Errors: another number of channels; weight decay on the slope is a known way to spoil it.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.PReLU"
    weights = {"weight": "float[num_parameters]"}
    examples = (
        Example("float[B, T]"),
        Example("float[B, 4, H]", num_parameters=4, init=0.5),
    )

    num_parameters: Size = 1
    init: float = 0.25

    def infer(self, site: Site) -> None:
        slopes = site.size("num_parameters")
        if slopes.known == 1:
            return
        given = next(iter(site.inputs.values()))
        if given.rank < 2:
            raise Refusal(
                BAD_SHAPE,
                f"{slopes} slopes need a tensor with channels at axis 1, not {given}",
                field="num_parameters",
            )
        must_equal(site, given.dims[1], slopes, "channels", "slopes", field="num_parameters")
