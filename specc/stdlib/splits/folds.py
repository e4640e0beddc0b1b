"""Cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from specc.components import Refusal, Split
from specc.components.errors import BAD_SETTING
from specc.stdlib.families.shares import Share, check_shares, named, part, shuffled


class Folds(Split):
    """Deals the rows into ``count`` equal parts; part ``fold`` (from 0) is for validation.

    ``folds(5, fold=2)``: over the folds, every row is validated once. ``test`` takes a share away
    before, which is the same for all folds.
    """

    count: int = Field(ge=2)
    fold: int = Field(default=0, ge=0)
    seed: int = 0
    test: Share = 0.0

    def assign(self, rows: int, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        import numpy as np

        if self.fold >= self.count:
            raise Refusal(
                BAD_SETTING,
                f"fold={self.fold} is not one of {self.count} folds",
                help=f"folds count from 0: the last is {self.count - 1}",
                field="fold",
            )
        check_shares(0.0, self.test)
        order = shuffled(rows, self.seed)
        tested = part(order, 0.0, self.test).get("test")
        dealt = order[: rows - (0 if tested is None else len(tested))]
        held = np.arange(len(dealt)) % self.count == self.fold
        return named(np.sort(dealt[~held]), np.sort(dealt[held]), tested)
