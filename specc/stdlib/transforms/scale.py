"""A given range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Outputs, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Floats
from specc.stdlib.families.columns import (
    NumberTransform,
    aligned,
    as_floats,
    check_count,
    statistic,
)


class Scale(NumberTransform):
    """Maps the range ``min`` to ``max`` onto ``low`` to ``high``, evenly.

    The range is that of the training rows unless it is given: pixels of 0 to 16 become 0 to 1 by
    ``scale(min=0, max=16)``. Values outside it are mapped outside. Each column of a stack, each
    feature (``[F]``) and each channel (``[C, H, W]``) has a range of its own; a single number and a
    plane (``[H, W]``) have one. A constant column becomes ``low``.
    """

    low: float = 0.0
    high: float = 1.0
    min: float | Floats | None = None
    max: float | Floats | None = None

    def infer(self, site: Site) -> Outputs:
        if self.low == self.high:
            raise Refusal(BAD_SETTING, "low and high are the same", field="high")
        check_count(self.min, site, "min")
        check_count(self.max, site, "max")
        return super().infer(site)

    def learn(self, parts: Iterable[Any], bound: Any) -> dict[str, Any]:
        import numpy as np

        if self.min is not None and self.max is not None:
            return {"min": self.min, "max": self.max}
        ranges = [
            (statistic(floats, np.min), statistic(floats, np.max))
            for floats in map(as_floats, parts)
            if floats.size
        ] or [([0.0], [0.0])]
        least, most = zip(*ranges, strict=True)
        return {
            "min": np.min(least, axis=0).tolist() if self.min is None else self.min,
            "max": np.max(most, axis=0).tolist() if self.max is None else self.max,
        }

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        floats = as_floats(column)
        start, width = self._range(floats, state)
        return (floats - start) / width * (self.high - self.low) + self.low

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        floats = as_floats(column)
        start, width = self._range(floats, state)
        return (floats - self.low) / (self.high - self.low) * width + start

    def _range(self, floats: Any, state: Mapping[str, Any]) -> tuple[Any, Any]:
        import numpy as np

        start = aligned(state["min"], floats)
        width = aligned(state["max"], floats) - start
        return start, np.where(width == 0, floats.dtype.type(1), width)
