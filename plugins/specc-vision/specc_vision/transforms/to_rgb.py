"""One channel as three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Transform


class ToRgb(Transform):
    """The one channel three times, for models that were made for colours.

    Input ``any[1, H, W]``, output ``any[3, H, W]``.
    """

    signature = "any[1, H, W] -> any[3, H, W]"

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.repeat(3, axis=1)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column[:, :1]
