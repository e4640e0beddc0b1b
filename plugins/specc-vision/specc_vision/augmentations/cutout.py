"""A hole in each image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.components import Augmentation, Draws, Example, Outputs, Site
from specc.components.fields import Probability
from specc_vision.boxes import boxes, over_images
from specc_vision.fields import HeightWidth
from specc_vision.kinds import check_images
from specc_vision.rows import for_rows

if TYPE_CHECKING:
    from torch import Tensor


class Cutout(Augmentation):
    """Sets a rectangle of ``size`` to ``fill``, in a share ``p`` of the rows.

    Its middle is anywhere in the image, so that it may lie across the border (DeVries and Taylor,
    "Improved Regularization of Convolutional Neural Networks with Cutout", 2017).
    """

    examples = (Example({"0": "uint8[3, H, W]", "1": "float[H, W]"}, size=3, p=0.7),)

    size: HeightWidth
    fill: float = 0.0
    p: Probability = 1.0

    def infer(self, site: Site) -> Outputs:
        check_images(site, "cutout")
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        import torch

        shape = tensors[0].shape[-2:]
        middle = draws.whole(shape[0]), draws.whole(shape[1])
        size = [torch.full_like(m, s) for m, s in zip(middle, self.size, strict=True)]
        hole = boxes(middle, size, shape)
        hole &= for_rows(draws.chance(self.p), hole)
        return [tensor.masked_fill(over_images(hole, tensor), self.fill) for tensor in tensors]
