"""Normalisation over the batch."""

from collections.abc import Mapping

from specc.components import Example, Layer, Site
from specc.components.fields import NotNegative
from specc.ir import expr as ir
from specc.stdlib.families.normalization import by_rank


class BatchNorm(Layer):
    """Normalises each channel over the batch (`torch.nn.BatchNorm1d`, `2d` or `3d` by the input).

    Input ``float[B, C]``, ``float[B, C, L]``, ``float[B, C, H, W]`` or ``float[B, C, D, H, W]``,
    kept.

    In training it needs more than one value for each channel, and what it does to a row depends on
    the rest of the batch; otherwise it uses running means, which are not weights but are stored
    with them. ``momentum=none`` makes them plain averages.
    """

    signature = "float[B, C, ...] -> float[B, C, ...]"
    weights = {
        "weight": "float[C]",
        "bias": "float[C]",
        "running_mean": "float[C]",
        "running_var": "float[C]",
    }
    needs_batch = True
    examples = (
        Example("float[B, C]"),
        Example("float[B, C, L]", eps=0.1),
        Example("float[B, C, H, W]", momentum=None, affine=False),
        Example("float[B, C, D, H, W]", track_running_stats=False),
    )

    eps: NotNegative = 1e-5
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True

    def present_weights(self) -> Mapping[str, str]:
        running = {n: t for n, t in self.weights.items() if n.startswith("running")}
        learned = {n: t for n, t in self.weights.items() if n not in running}
        return {**(learned if self.affine else {}), **(running if self.track_running_stats else {})}

    def infer(self, site: Site) -> None:
        by_rank(site, {0: "1d", 1: "1d", 2: "2d", 3: "3d"})

    def lower(self, site: Site) -> ir.Construct:
        suffix = by_rank(site, {0: "1d", 1: "1d", 2: "2d", 3: "3d"})
        return site.module(f"torch.nn.BatchNorm{suffix}", num_features=site.dim("C"))
