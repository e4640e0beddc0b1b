"""Mean 0 and deviation 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Outputs, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Floats, Positive, Positives
from specc.stdlib.families.columns import (
    NumberTransform,
    aligned,
    as_floats,
    check_count,
    statistic,
)


class Standardize(NumberTransform):
    """Subtracts the mean and divides by the standard deviation: ``(x - mean) / std``.

    Both are those of the training rows (the deviation that of a population), unless they are
    given. Each column of a stack, each feature (``[F]``) and each channel (``[C, H, W]``) has its
    own; a single number and a plane (``[H, W]``) have one. A constant column becomes 0.
    """

    mean: float | Floats | None = None
    std: Positive | Positives | None = None

    def infer(self, site: Site) -> Outputs:
        if (self.mean is None) != (self.std is None):
            raise Refusal(
                BAD_SETTING,
                "mean and std go together",
                help="give both, or neither to have them from the training rows",
                field="mean" if self.std is None else "std",
            )
        check_count(self.mean, site, "mean")
        check_count(self.std, site, "std")
        return super().infer(site)

    def learn(self, parts: Iterable[Any], bound: Any) -> dict[str, Any]:
        """Of one part after another, as Chan, Golub and LeVeque join variances (1979)."""
        import numpy as np

        if self.mean is not None and self.std is not None:
            return {"mean": self.mean, "std": self.std}
        count, mean, squares = 0, np.zeros(()), np.zeros(())
        for part in parts:
            floats = as_floats(part)
            if not floats.size:
                continue
            here = np.array(statistic(floats, np.mean))
            more = floats.size // len(here)
            spread = np.array(statistic(floats, np.var)) * more
            apart, total = here - mean, count + more
            mean = mean + apart * (more / total)
            squares = squares + spread + apart**2 * (count * more / total)
            count = total
        std = np.sqrt(squares / max(1, count))
        return {"mean": mean.tolist(), "std": [value or 1.0 for value in std.tolist()]}

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        floats = as_floats(column)
        return (floats - aligned(state["mean"], floats)) / aligned(state["std"], floats)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        floats = as_floats(column)
        return floats * aligned(state["std"], floats) + aligned(state["mean"], floats)
