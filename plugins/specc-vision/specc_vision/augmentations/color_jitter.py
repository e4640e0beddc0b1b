"""Other light, other colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from specc.components import Augmentation, Draws, Example, Outputs, Refusal, Site
from specc.components.errors import BAD_SETTING, BAD_SHAPE
from specc.components.fields import Floats, NotNegative, Positive, Positives
from specc_vision.blocks import through_floats
from specc_vision.colors import LUMA
from specc_vision.kinds import check_pixels

if TYPE_CHECKING:
    from torch import Tensor


_TO_YIQ = (LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))
"""NTSC's colours: brightness, and a plane around it in which the hue is an angle."""


class ColorJitter(Augmentation):
    """Changes brightness, contrast, saturation and hue of each image by random factors, in turn.

    The factors are between ``1 - brightness`` and ``1 + brightness``, and so on; 0 leaves things as
    they are. Brightness multiplies, contrast moves towards the mean grey of the image, saturation
    towards the grey of each pixel, and the hue is turned by up to ``hue`` of a full circle. Images
    of one channel have no saturation and no hue. Bytes stay in 0 to 255; floats are not cut off.

    Where the field was standardised, say so with the same ``mean`` and ``std``, and the light is
    changed as it was before.
    """

    examples = (
        Example("uint8[3, H, W]", brightness=0.3, contrast=0.3, saturation=0.3, hue=0.1),
        Example("float[1, H, W]", brightness=0.3, mean=0.2, std=0.5),
    )

    brightness: NotNegative = 0.0
    contrast: NotNegative = 0.0
    saturation: NotNegative = 0.0
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    mean: float | Floats = 0.0
    std: Positive | Positives = 1.0

    def infer(self, site: Site) -> Outputs:
        for name in site.inputs:
            given = check_pixels(site, "color_jitter", tensor=name)
            channels = given.dims[0].known if given.rank == 3 else None
            if channels not in (1, 3):
                raise Refusal(
                    BAD_SHAPE,
                    f"color_jitter takes [3, H, W] or [1, H, W], not {given}",
                    tensor=name,
                )
            for field in ("saturation", "hue"):
                if channels == 1 and getattr(self, field):
                    message = f"{given} has no {field}: it has one channel"
                    raise Refusal(BAD_SETTING, message, field=field)
            for field, value in (("mean", self.mean), ("std", self.std)):
                if isinstance(value, tuple) and len(value) not in (1, channels):
                    raise Refusal(
                        BAD_SETTING,
                        f"{field} has {len(value)} values for {channels} channels",
                        field=field,
                    )
        return super().infer(site)

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        brightness, contrast, saturation = (
            draws.uniform(max(0.0, 1 - amount), 1 + amount)
            for amount in (self.brightness, self.contrast, self.saturation)
        )
        angle = draws.uniform(-self.hue, self.hue) * (2 * math.pi)
        factors = (brightness, contrast, saturation, angle)
        return [through_floats(t, lambda floats: self._changed(floats, *factors)) for t in tensors]

    def _changed(
        self,
        images: Tensor,
        brightness: Tensor,
        contrast: Tensor,
        saturation: Tensor,
        angle: Tensor,
    ) -> Tensor:
        """All four are affine in the channels of a pixel, and so is what they do together."""
        import torch

        flat = images.flatten(2)
        channels = flat.shape[1]
        mean, std = (
            flat.new_tensor(value).expand(channels).unsqueeze(1) for value in (self.mean, self.std)
        )
        luma = flat.new_tensor(LUMA if channels == 3 else (1.0,))
        grey = brightness * ((flat.mean(2) * std[:, 0] + mean[:, 0]) @ luma)
        matrix = torch.eye(channels, device=flat.device).expand(len(flat), -1, -1)
        if channels == 3:
            share = saturation.reshape(-1, 1, 1)
            matrix = _hue(angle, flat) @ (share * matrix + (1 - share) * luma.expand(3, 3))
        matrix = matrix * (brightness * contrast).reshape(-1, 1, 1)
        # Grey is left alone by saturation and hue.
        offset = ((1 - contrast) * grey).reshape(-1, 1, 1) + matrix @ mean - mean
        scaled = matrix * std.T / std
        return torch.baddbmm(offset / std, scaled, flat).reshape(images.shape)


def _hue(angle: Tensor, like: Tensor) -> Tensor:
    """``[B, 3, 3]``: to YIQ, turned there, and back."""
    import torch

    cos, sin = angle.cos(), angle.sin()
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    rows = ((one, zero, zero), (zero, cos, -sin), (zero, sin, cos))
    turn = torch.stack([torch.stack(row, -1) for row in rows], -2)
    # In 64 bits, and on the CPU: a constant. The rows of colour are made to sum to nothing, so that
    # grey stays grey.
    to = torch.tensor(_TO_YIQ, dtype=torch.float64)
    to[1:] -= to[1:].mean(1, keepdim=True)
    back = torch.linalg.inv(to)
    hue: Tensor = back.to(like) @ turn @ to.to(like)
    return hue
