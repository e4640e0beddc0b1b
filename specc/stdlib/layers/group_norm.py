"""Normalisation over groups of channels."""

from collections.abc import Mapping

from specc.components import Example, Layer, Site
from specc.components.fields import NotNegative, Size
from specc.ir import expr as ir
from specc.stdlib.families.sizes import must_divide
from specc.types.dim import Dim


class GroupNorm(Layer):
    """Normalises groups of channels of each row (`torch.nn.GroupNorm`).

    Input ``float[B, C, ...]``, kept; each of ``num_groups`` groups is normalised over its channels
    and all positions.

    Errors: ``num_groups`` does not divide the channels; a group of a single value.
    """

    signature = "float[B, C, ...] -> float[B, C, ...]"
    weights = {"weight": "float[C]", "bias": "float[C]"}
    examples = (
        Example("float[B, 4]", num_groups=2),
        Example("float[B, C, L]", num_groups=1, eps=0.1),
        Example("float[B, 6, H, W]", num_groups=3, affine=False),
    )

    num_groups: Size
    eps: NotNegative = 1e-5
    affine: bool = True

    def present_weights(self) -> Mapping[str, str]:
        return self.weights if self.affine else {}

    def infer(self, site: Site) -> None:
        (given,) = site.inputs.values()
        groups = site.size("num_groups")
        must_divide(site, groups, given.dims[1], "groups", "channels", field="num_groups")
        values = Dim.product((given.dims[1] // groups, *given.dims[2:]))
        site.require(values, 2, f"each of the {groups} groups of {given} has a single value")

    def lower(self, site: Site) -> ir.Construct:
        return site.module(
            "torch.nn.GroupNorm",
            skip=("num_groups",),
            num_groups=site.value("num_groups"),
            num_channels=site.dim("C"),
        )
