"""What a run comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Value = float | list[Any]
"""A score; one that is a table (a confusion matrix) as nested lists."""


@dataclass(frozen=True, slots=True)
class Result:
    """``metrics`` are the scores of the kept weights: ``train.loss val.accuracy test.accuracy``.

    ``tables`` are those that are not single numbers. ``epochs`` is how many were run,
    ``best_epoch`` the one that the weights are of (both from 1); ``seconds`` is all of it, the test
    included.
    """

    run: Path
    epochs: int
    best_epoch: int
    seconds: float
    metrics: Mapping[str, float]
    tables: Mapping[str, list[Any]] = field(default_factory=dict)

    @staticmethod
    def from_json(run: Path, value: Mapping[str, Any]) -> Result:
        """The result of a run that is over, from its result.json."""
        keys = ("epochs", "best_epoch", "seconds", "metrics", "tables")
        return Result(run, **{key: value[key] for key in keys})

    def to_json(self) -> dict[str, Any]:
        """The object that ``specc train --json`` prints."""
        return {
            "run": str(self.run),
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "metrics": dict(self.metrics),
        }
