"""Colours as one channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from specc.components import Outputs, Site, Transform
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc_vision.blocks import in_blocks, through_floats
from specc_vision.colors import luminance
from specc_vision.kinds import check_pixels

if TYPE_CHECKING:
    from torch import Tensor


class Grayscale(Transform):
    """The brightness of each pixel: ``0.299 red + 0.587 green + 0.114 blue`` (ITU-R BT.601).

    Input ``uint8[3, H, W]`` or ``float[3, H, W]``, output the same with one channel.
    """

    signature = "any[3, H, W] -> any[1, H, W]"

    def infer(self, site: Site) -> Outputs:
        given = check_pixels(site, "grayscale")
        return TensorType(given.element, (Dim.of(1), *given.dims[1:]))

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return in_blocks(column, _gray)


def _gray(images: Tensor) -> Tensor:
    return through_floats(images, luminance)
