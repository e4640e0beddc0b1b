"""Every image with mean 0 and deviation 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from specc.components import Outputs, Site, Transform
from specc.types.tensor import Element, TensorType
from specc_vision.blocks import in_blocks
from specc_vision.kinds import check_pixels

if TYPE_CHECKING:
    from torch import Tensor


class StandardizeEach(Transform):
    """Each image on its own: ``(x - mean) / std`` over all its pixels and channels.

    This takes the lighting out of photos; `standardize` has one mean for all images. Input
    ``uint8[C, H, W]`` or ``float[C, H, W]``, output ``float[C, H, W]``; an image of one colour
    becomes 0.
    """

    signature = "any[C, H, W] -> float[C, H, W]"

    def infer(self, site: Site) -> Outputs:
        given = check_pixels(site, "standardize_each")
        return TensorType(Element("float"), given.dims)

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return in_blocks(column, _standardized)


def _standardized(images: Tensor) -> Tensor:
    import torch

    floats = images.float()
    std, mean = torch.std_mean(floats, dim=(1, 2, 3), correction=0, keepdim=True)
    return (floats - mean) / torch.where(std > 0, std, 1.0)
