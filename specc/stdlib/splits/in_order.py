"""Shares of the rows as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Split
from specc.stdlib.families.shares import Share, check_shares, part


class InOrder(Split):
    """The last rows are for the test, those before them for validation, the first for training.

    For rows in the order of time, where a model is tried on what came later:
    ``in_order(val=0.1, test=0.1)``.
    """

    val: Share = 0.0
    test: Share = 0.0

    def assign(self, rows: int, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        import numpy as np

        check_shares(self.val, self.test)
        return part(np.arange(rows, dtype=np.int64), self.val, self.test)
