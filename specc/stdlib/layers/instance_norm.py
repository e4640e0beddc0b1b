"""Normalisation over the positions of each channel."""

from collections.abc import Mapping

from specc.components import Example, Layer, Site
from specc.components.fields import NotNegative
from specc.ir import expr as ir
from specc.stdlib.families.normalization import by_rank
from specc.types.dim import Dim


class InstanceNorm(Layer):
    """Normalises each channel of each row (`torch.nn.InstanceNorm1d`, `2d` or `3d` by the input).

    Input ``float[B, C, L]``, ``float[B, C, H, W]`` or ``float[B, C, D, H, W]``, kept. As in torch
    it has weights only with ``affine``.

    Errors: a single position, which leaves nothing to compare.
    """

    signature = "float[B, C, ...] -> float[B, C, ...]"
    weights = {"weight": "float[C]", "bias": "float[C]"}
    examples = (
        Example("float[B, C, L]"),
        Example("float[B, C, H, W]", eps=0.1, affine=True),
        Example("float[B, C, D, H, W]", momentum=0.5, track_running_stats=True),
        Example("float[B, C, L]", momentum=None, track_running_stats=True),
    )

    eps: NotNegative = 1e-5
    momentum: float | None = 0.1
    affine: bool = False
    track_running_stats: bool = False

    def present_weights(self) -> Mapping[str, str]:
        return self.weights if self.affine else {}

    def infer(self, site: Site) -> None:
        by_rank(site, {1: "1d", 2: "2d", 3: "3d"})
        (given,) = site.inputs.values()
        positions = Dim.product(given.dims[2:])
        site.require(positions, 2, f"{given} has a single position to normalise over")

    def lower(self, site: Site) -> ir.Construct:
        suffix = by_rank(site, {1: "1d", 2: "2d", 3: "3d"})
        return site.module(f"torch.nn.InstanceNorm{suffix}", num_features=site.dim("C"))
