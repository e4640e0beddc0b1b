"""Shares by a value of the row itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Split
from specc.stdlib.families.shares import Share, check_shares, groups, named, position


class ByHash(Split):
    """Shares rows out by a hash of one column, so that equal values are never torn apart.

    ``by_hash("patient", val=0.1, test=0.1)`` puts all rows of a patient into one split. A row stays
    in its split when rows are added to the file; the shares hold on average over many values.
    """

    column: str
    val: Share = 0.0
    test: Share = 0.0
    seed: int = 0

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def assign(self, rows: int, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        import numpy as np

        check_shares(self.val, self.test)
        places = np.empty(rows)
        for value, members in groups(columns[self.column]).items():
            places[members] = position(value, self.seed)
        test = places < self.test
        val = ~test & (places < self.test + self.val)
        return named(
            np.flatnonzero(~test & ~val),
            np.flatnonzero(val) if self.val else None,
            np.flatnonzero(test) if self.test else None,
        )
