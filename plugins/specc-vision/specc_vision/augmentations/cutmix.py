"""A rectangle of another image in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.components import Augmentation, Draws, Example, Outputs, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Positive
from specc_vision.boxes import boxes, over_images
from specc_vision.kinds import check_pixels
from specc_vision.rows import for_rows

if TYPE_CHECKING:
    from torch import Tensor


class Cutmix(Augmentation):
    """Each image gets a rectangle of another image of its batch, and as much of its label.

    ``augment image, label = (image, label) |> cutmix``, with ``label = source.label |> categories
    |> one_hot``. The share that stays is drawn from Beta(alpha, alpha) and then counted in pixels,
    as the rectangle may lie across the border (Yun et al., "CutMix", 2019).
    """

    mixes_rows = True
    examples = (Example({"0": "uint8[3, H, W]", "1": "float[5]"}, alpha=0.5),)

    alpha: Positive = 1.0

    def infer(self, site: Site) -> Outputs:
        if len(site.inputs) != 2 or site.inputs["0"].rank < 2 or site.inputs["1"].rank != 1:
            raise Refusal(
                BAD_SHAPE,
                "cutmix takes an image and its label",
                help="`(image, label) |> cutmix`, the label a float for each class",
            )
        check_pixels(site, "cutmix", "one_hot makes floats of ids", "1")
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        image, label = tensors
        shape = image.shape[-2:]
        side = (1 - draws.beta(self.alpha)).sqrt()
        partner = draws.partners()
        middle = draws.whole(shape[0]), draws.whole(shape[1])
        box = boxes(middle, [(side * count).long() for count in shape], shape)
        share = 1 - box.flatten(1).sum(1) / (shape[0] * shape[1])
        return [
            image[partner].where(over_images(box, image), image),
            label[partner].lerp(label, for_rows(share, label)),
        ]
