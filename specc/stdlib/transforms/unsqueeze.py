"""A new axis of size one in each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Outputs, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Axis
from specc.stdlib.families.axes import mixed
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Unsqueeze(Transform):
    """A new axis of size one at place ``dim`` of a row (`torch.unsqueeze`).

    Gray images of ``uint8[H, W]`` become ``uint8[1, H, W]`` by ``unsqueeze(0)``.
    """

    signature = "any[...] -> any[...]"

    dim: Axis = 0

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        places = given.rank + 1
        if not -places <= self.dim < places:
            raise Refusal(
                BAD_SHAPE,
                f"a row of {given} with one more axis has no axis {self.dim}",
                help=f"its axes are 0 to {given.rank}, or -{places} to -1",
                field="dim",
            )
        axis = self.dim % places
        element = mixed(given.element) if axis == given.rank else given.element
        return TensorType(element, (*given.dims[:axis], Dim.of(1), *given.dims[axis:]))

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        return given if isinstance(given, int) else None

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        return np.expand_dims(column, self.dim % column.ndim + 1)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.squeeze(self.dim % (column.ndim - 1) + 1)
