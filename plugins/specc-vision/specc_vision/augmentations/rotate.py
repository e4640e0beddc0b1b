"""Images turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from specc.components import Augmentation, Draws, Outputs, Site
from specc_vision.blocks import through_floats
from specc_vision.kinds import check_images

if TYPE_CHECKING:
    from torch import Tensor


class Rotate(Augmentation):
    """Turns each image around its middle, by an angle between ``-degrees`` and ``degrees``.

    Pixels are mixed from their four neighbours; those of classes, masks and whole numbers are taken
    from the nearest. What comes from outside the image is ``fill``.
    """

    degrees: Annotated[float, Field(gt=0, le=180)]
    fill: float = 0.0

    def infer(self, site: Site) -> Outputs:
        check_images(site, "rotate")
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        angle = draws.uniform(-self.degrees, self.degrees) * (math.pi / 180)
        return [self._turned(tensor, angle) for tensor in tensors]

    def _turned(self, tensor: Tensor, angle: Tensor) -> Tensor:
        import torch
        from torch.nn.functional import affine_grid, grid_sample

        images = tensor.reshape(len(tensor), -1, *tensor.shape[-2:])
        height, width = images.shape[-2:]
        cos, sin, none = angle.cos(), angle.sin(), torch.zeros_like(angle)
        # Coordinates run from -1 to 1 on both axes, whatever their lengths.
        across = torch.stack((cos, -sin * (height / width), none), 1)
        down = torch.stack((sin * (width / height), cos, none), 1)
        shape = [len(images), images.shape[1], height, width]
        grid = affine_grid(torch.stack((across, down), 1), shape, align_corners=False)
        mixes = tensor.dtype.is_floating_point or tensor.dtype == torch.uint8

        def sample(floats: Tensor) -> Tensor:
            # Outside is 0 to grid_sample, which is moved to where `fill` is.
            sampled = grid_sample(
                floats - self.fill,
                grid.to(floats.dtype),
                mode="bilinear" if mixes else "nearest",
                align_corners=False,
            )
            return sampled + self.fill

        turned = through_floats(images, sample) if mixes else sample(images.float())
        return turned.to(tensor.dtype).reshape(tensor.shape)
