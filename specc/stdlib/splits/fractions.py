"""Shares of the rows, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Split
from specc.stdlib.families.shares import Share, check_shares, groups, part, shuffled


class Fractions(Split):
    """Draws shares of the rows for validation and the test; the rest is for training.

    ``fractions(val=0.1, test=0.1, seed=7)``. With ``stratify="label"`` each value of that column is
    shared out on its own, so that every split has the same mixture of them.
    """

    val: Share = 0.0
    test: Share = 0.0
    seed: int = 0
    stratify: str | None = None

    def columns(self) -> tuple[str, ...]:
        return () if self.stratify is None else (self.stratify,)

    def assign(self, rows: int, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        import numpy as np

        check_shares(self.val, self.test)
        order = shuffled(rows, self.seed)
        if self.stratify is None:
            return part(order, self.val, self.test)
        rank = np.empty(rows, np.int64)
        rank[order] = np.arange(rows)
        parts = [
            part(members[np.argsort(rank[members])], self.val, self.test)
            for members in groups(columns[self.stratify]).values()
        ]
        return {name: np.sort(np.concatenate([p[name] for p in parts])) for name in parts[0]}
