"""Where a run goes on: its folder, and the checkpoint that all ranks take up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from specc.training.checkpoint import Checkpoint, Sharded
from specc.training.choice import Kept
from specc.training.contract import TrainPlan
from specc.training.errors import FileRefused
from specc.training.folder import PLAN, RunFolder
from specc.training.identity import differences, hashed, text_differences
from specc.training.ranks import Ranks
from specc.training.weights import is_share

Found = Checkpoint | Sharded | None
"""A checkpoint, its tensors read or not yet; ``None`` for the beginning."""


def folder_of(plan: TrainPlan, runs: Path, resume: bool, ranks: Ranks) -> RunFolder | None:
    """The folder of a run that goes on. Ranks that were started again go on with the run of those
    before them, whatever the command says."""
    if (begun := ranks.remembered()) is not None:
        return RunFolder(Path(begun))
    return RunFolder.latest(runs, plan.name) if resume else None


def opened(folder: RunFolder, plan: TrainPlan, wanted: Mapping[str, Any], stack: ExitStack) -> None:
    """Lock the folder.

    Raises:
        FileRefused: if somebody trains in it, or it is of another plan or other data, as far as its
            plan.json can tell.
    """
    stack.enter_context(folder.locked())
    told = folder.read_json(PLAN)
    if isinstance(told, dict) and told.get("identity") not in (None, wanted):
        _refuse(folder, plan, differences(told["identity"], wanted))


def newest(
    folder: RunFolder, plan: TrainPlan, wanted: Mapping[str, Any]
) -> tuple[Found, list[str]]:
    """The checkpoint to go on from, ``None`` for the beginning; and what was wrong with others.

    Raises:
        FileRefused: if there is none that is whole, or it is of another plan or device.
    """
    found = folder.checkpoints.newest(lambda c: folder.metrics.check(c.about["metrics"]))
    if found is None:
        return None, []
    checkpoint, damaged = found
    if checkpoint.about["plan"] != hashed(wanted):
        _refuse(folder, plan, [f"{checkpoint.path} was written under another plan"])
    device = checkpoint.about["execution"]["device"]
    if plan.device is not None and torch.device(plan.device).type != torch.device(device).type:
        raise FileRefused(folder.path, f"computes on {device}, and {plan.device} is asked for")
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise FileRefused(folder.path, f"computes on {device}, which is not here")
    return checkpoint, damaged


def about(found: Found, ranks: Ranks) -> dict[str, Any] | None:
    """What JSON says of the checkpoint that the first rank found, on all of them."""
    told = None if found is None else {"path": str(found.path), "about": dict(found.about)}
    shared: dict[str, Any] | None = ranks.share(told)
    return shared


def taken_up(
    found: Found, told: Mapping[str, Any] | None, model: torch.nn.Module, ranks: Ranks
) -> Checkpoint | None:
    """The checkpoint that the first rank found, with what each rank needs of its tensors."""
    if told is None:
        return None
    path = Path(told["path"])
    if "shards" in told["about"]:
        shared = next((p for p in model.parameters() if is_share(p)), None)
        if shared is not None:
            return Sharded(told["about"], path).read(shared.device_mesh)  # type: ignore[attr-defined]
        found = Sharded(told["about"], path).read() if ranks.first else None
    if not ranks.several:
        assert isinstance(found, Checkpoint)
        return found
    return _unpacked(ranks.share(_packed(found)), path)


def _packed(found: Found) -> dict[str, Any] | None:
    if not isinstance(found, Checkpoint):
        return None
    best = found.best
    return {
        "weights": found.weights,
        "aliases": dict(found.aliases),
        "about": dict(found.about),
        "state": dict(found.state),
        "best": None if best is None else [best.about(), best.state, dict(best.aliases)],
    }


def _unpacked(value: Mapping[str, Any], path: Path) -> Checkpoint:
    best = None
    if value["best"] is not None:
        told, state, aliases = value["best"]
        best = Kept(told["step"], told["epoch"], told["scores"], state, aliases)
    return Checkpoint(
        value["weights"], value["aliases"], value["about"], value["state"], best, path
    )


def _refuse(folder: RunFolder, plan: TrainPlan, lines: list[str]) -> None:
    for name, text in plan.files.items():
        kept = folder.path / name
        if not name.endswith(".py") and kept.is_file():
            before = kept.read_text(encoding="utf-8", errors="replace")
            lines += text_differences(before, text, f"{name} of the run", f"{name} now")
    raise FileRefused(
        folder.path,
        "is a run of another plan",
        details=lines,
        help="undo the change, or leave out --resume: a new run gets a folder of its own",
    )
