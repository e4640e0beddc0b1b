"""A piece of each image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from specc.components import Augmentation, Draws, Example, Outputs, Site
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc_vision.fields import HeightWidth, Padding
from specc_vision.kinds import check_images

if TYPE_CHECKING:
    from torch import Tensor


class RandomCrop(Augmentation):
    """Cuts ``size`` pixels out at a random place, after ``padding`` pixels were put around.

    ``random_crop(32, padding=4)`` moves images of 32 x 32 by up to 4 pixels. ``size`` is one number
    or ``[height, width]``; it has to be that of the image, as augmented rows keep their type. The
    padding is ``fill``, or the image mirrored (``padding_mode="reflect"``), or its border repeated
    (``"replicate"``).
    """

    examples = (
        Example({"0": "uint8[3, 8, 9]", "1": "bool[8, 9]"}, size=[8, 9], padding=2),
        Example("float[3, 8, 9]", size=[8, 9], padding=[3, 1], padding_mode="reflect"),
    )

    size: HeightWidth
    padding: Padding = (0, 0)
    fill: float = 0.0
    padding_mode: Literal["constant", "reflect", "replicate"] = "constant"

    def infer(self, site: Site) -> Outputs:
        given = check_images(site, "random_crop")
        for axis, name in ((0, "high"), (1, "wide")):
            have, border, want = given[axis], self.padding[axis], self.size[axis]
            site.require(have + 2 * border, want, f"images that are {have} {name} have no {want}")
            if self.padding_mode == "reflect":
                site.require(have, border + 1, f"images that are {have} {name} end before {border}")
        size = tuple(map(Dim.of, self.size))
        return tuple(TensorType(g.element, (*g.dims[:-2], *size)) for g in site.inputs.values())

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        top, left = (
            draws.whole(have + 2 * border - want + 1)
            for have, border, want in zip(
                tensors[0].shape[-2:], self.padding, self.size, strict=True
            )
        )
        return [self._cut(tensor, top, left) for tensor in tensors]

    def _cut(self, tensor: Tensor, top: Tensor, left: Tensor) -> Tensor:
        import torch

        height, width = self.size
        images = self._padded(tensor.reshape(len(tensor), -1, *tensor.shape[-2:]))
        # A view of all pieces there are; taking one for each row copies those pixels alone.
        pieces = images.unfold(2, height, 1).unfold(3, width, 1)
        cut = pieces[torch.arange(len(tensor), device=tensor.device), :, top, left]
        return cut.reshape(*tensor.shape[:-2], height, width)

    def _padded(self, images: Tensor) -> Tensor:
        from torch.nn.functional import pad

        vertical, horizontal = self.padding
        around = (horizontal, horizontal, vertical, vertical)
        if not vertical and not horizontal:
            return images
        if self.padding_mode == "constant":
            return pad(images, around, value=self.fill)
        return pad(images.float(), around, mode=self.padding_mode).to(images.dtype)
