"""Left and right exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.components import Augmentation, Draws, Outputs, Site
from specc.components.fields import Probability
from specc_vision.kinds import check_images
from specc_vision.rows import for_rows

if TYPE_CHECKING:
    from torch import Tensor


class HorizontalFlip(Augmentation):
    """Exchanges left and right, in a share ``p`` of the rows."""

    p: Probability = 0.5

    def infer(self, site: Site) -> Outputs:
        check_images(site, "horizontal_flip")
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        chosen = draws.chance(self.p)
        return [t.flip(-1).where(for_rows(chosen, t), t) for t in tensors]
