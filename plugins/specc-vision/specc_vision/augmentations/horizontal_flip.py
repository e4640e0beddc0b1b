"""Left and right exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.components.fields import Probability
from specc_vision.augmentations.base import Augmentation, for_rows

if TYPE_CHECKING:
    from torch import Tensor

    from specc_vision.draws import Draws


class HorizontalFlip(Augmentation):
    """Exchanges left and right, in a share ``p`` of the rows."""

    p: Probability = 0.5

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        chosen = draws.chance(self.p)
        return [t.flip(-1).where(for_rows(chosen, t), t) for t in tensors]
