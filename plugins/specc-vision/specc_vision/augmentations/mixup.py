"""Two rows laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.components import Augmentation, Draws, Outputs, Site
from specc.components.fields import Positive
from specc_vision.blocks import through_floats
from specc_vision.kinds import check_pixels
from specc_vision.rows import for_rows

if TYPE_CHECKING:
    from torch import Tensor


class Mixup(Augmentation):
    """Each row becomes a weighted mean of itself and another row of its batch, labels too.

    ``augment image, label = (image, label) |> mixup``, with ``label = source.label |> categories
    |> one_hot``. The weight is drawn from Beta(alpha, alpha) (Zhang et al., "mixup: Beyond
    Empirical Risk Minimization", 2018).
    """

    mixes_rows = True

    alpha: Positive = 0.2

    def infer(self, site: Site) -> Outputs:
        for name in site.inputs:
            check_pixels(site, "mixup", "one_hot makes floats of ids", name)
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        weight, partner = draws.beta(self.alpha), draws.partners()
        return [
            through_floats(
                tensor, lambda floats: floats[partner].lerp(floats, for_rows(weight, floats))
            )
            for tensor in tensors
        ]
