"""The middle of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Outputs, Site, Transform
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc_vision.fields import HeightWidth


class CenterCrop(Transform):
    """Cuts ``size`` pixels out of the middle; where one is left over, it is the last that goes.

    Input ``any[..., H, W]``, output the same with ``size``, one number or ``[height, width]``.
    """

    signature = "any[..., H, W] -> any[...]"

    size: HeightWidth

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        for axis, name in ((0, "high"), (1, "wide")):
            size = given.dims[axis - 2]
            site.require(
                size, self.size[axis], f"images that are {size} {name} have no {self.size[axis]}"
            )
        return TensorType(given.element, (*given.dims[:-2], *map(Dim.of, self.size)))

    def bound(self, state: Mapping[str, Any], given: Any) -> Any:
        return given if isinstance(given, int) else None

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        top, left = (
            (have - want) // 2 for have, want in zip(column.shape[-2:], self.size, strict=True)
        )
        height, width = self.size
        return column[..., top : top + height, left : left + width]
