"""Where a run stands: what its folder says, and the weights that it has by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specc.training import weights
from specc.training.checkpoint import complete
from specc.training.errors import FileRefused
from specc.training.execution import Execution
from specc.training.folder import PLAN, RESULT, WEIGHTS, RunFolder
from specc.training.listing import Listed, describe


@dataclass(frozen=True)
class Standing:
    """``told`` is plan.json, ``result`` result.json (``None`` before the end), ``records`` are the
    lines of metrics.jsonl; ``epoch`` is that of the weights."""

    listed: Listed
    told: Mapping[str, Any]
    result: Mapping[str, Any] | None
    records: tuple[Mapping[str, Any], ...]
    weights: weights.State
    aliases: Mapping[str, str]
    epoch: int

    @property
    def path(self) -> Path:
        return self.listed.path

    @property
    def execution(self) -> Execution:
        """What the run computes on."""
        return Execution.from_json(self.told["execution"])


def standing(path: Path) -> Standing:
    """Read the folder of a run: the weights that are its result, else the best so far, else the
    last that were saved.

    Raises:
        FileRefused: if the folder is none of a run, or no weights in it are whole.
    """
    folder = RunFolder(path)
    told, result = folder.read_json(PLAN), folder.read_json(RESULT)
    if not isinstance(told, dict):
        raise FileRefused(path / PLAN, "is no plan of a run")
    if result is not None:
        state, aliases = weights.read(path / WEIGHTS)
        epoch = result["best_epoch"]
    else:
        found = folder.checkpoints.newest()
        if found is None:
            raise FileRefused(path, "has no weights yet", help="train on, and ask again")
        checkpoint = complete(found[0])
        state, aliases = checkpoint.weights, dict(checkpoint.aliases)
        epoch = checkpoint.about["epoch"]
        if checkpoint.best is not None:
            best = checkpoint.best
            state, aliases, epoch = best.state, best.aliases, best.epoch
    records = tuple(folder.metrics.records())
    return Standing(describe(path), told, result, records, state, aliases, epoch)
