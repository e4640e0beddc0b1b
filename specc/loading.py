"""The runs that a train section loads: where they lie, and their weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from specc.analysis.errors_sections import NOT_LOADED, WEIGHTS_DO_NOT_FIT
from specc.analysis.train_values import Loaded, TrainSection
from specc.compiler import Compiled
from specc.components import Refusal
from specc.components.files import shown
from specc.diagnostics import Diagnostic, SpecError, closest

if TYPE_CHECKING:
    from torch import Tensor, nn

SHOWN = 5
"""Differences that a message lists."""

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Sources:
    """The folder of the run that each instance, or ``init``, is loaded from; ``known`` are the
    sizes that their data gave."""

    folders: Mapping[str, Path]
    known: dict[str, int | tuple[int, ...]]

    @staticmethod
    def of(compiled: Compiled, train: TrainSection, runs: Path) -> Sources:
        """Find the runs; raises `SpecError` where a section has no finished one."""
        folders: dict[str, Path] = {}
        known: dict[str, int | tuple[int, ...]] = {}
        for name, loaded in train.loads.items():
            if loaded.is_section:
                folders[name] = _latest(compiled, loaded, runs)
            else:
                folders[name] = (compiled.root / loaded.source).resolve()
            told = json.loads((folders[name] / "plan.json").read_text(encoding="utf-8"))
            for key, size in told["known"].items():
                known[key] = tuple(size) if isinstance(size, list) else size
        return Sources(folders, known)

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each run's weights: going on with others would be another run."""
        from specc.training import disk

        return {name: disk.digest(folder / WEIGHTS) for name, folder in self.folders.items()}

    def fill(self, train: TrainSection, built: nn.Module) -> nn.Module:
        """Give a fresh model the weights that are loaded.

        Raises:
            Refusal: if they do not fit.
            FileRefused: if a file of weights is damaged.
        """
        from specc.training import weights

        for name, folder in self.folders.items():
            instance = "model" if name == "init" else name
            module = built if len(train.instances) == 1 else built.get_submodule(instance)
            state = weights.load(folder / WEIGHTS)
            prefix = train.loads[name].instance
            if prefix:
                state = {
                    key.removeprefix(f"{prefix}."): tensor
                    for key, tensor in state.items()
                    if key.startswith(f"{prefix}.")
                }
            if wrong := weights.differences(module.state_dict(), state):
                raise _does_not_fit(name, folder, wrong, module.state_dict(), state)
            module.load_state_dict(state)
        return built


def _does_not_fit(
    name: str,
    folder: Path,
    wrong: list[str],
    wanted: Mapping[str, Tensor],
    found: Mapping[str, Tensor],
) -> Refusal:
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    lacking = next((key for key in wanted if key not in found), None)
    near = (
        None if lacking is None else closest(lacking, [key for key in found if key not in wanted])
    )
    hint = f"; for `{lacking}` the run has {near}" if near else ""
    return Refusal(
        WEIGHTS_DO_NOT_FIT,
        f"the weights of {shown(folder)} do not fit `{'model' if name == 'init' else name}`",
        label=f"{len(wrong)} differences" if len(wrong) > 1 else "one difference",
        help="; ".join(wrong[:SHOWN]) + more + hint,
        field=name,
    )


def _latest(compiled: Compiled, loaded: Loaded, runs: Path) -> Path:
    """The latest finished run of a train section of the same file."""
    train = compiled.sections.trains[loaded.source]
    base = runs / run_name(compiled.file.source.name, train)
    numbers = [int(p.name) for p in base.iterdir() if p.name.isdecimal()] if base.is_dir() else []
    for number in sorted(numbers, reverse=True):
        if (base / str(number) / WEIGHTS).is_file():
            return base / str(number)
    raise SpecError(
        Diagnostic(
            NOT_LOADED,
            f"`{loaded.source}` has no finished run in {shown(base)}",
            loaded.span,
            "is to be trained first",
            help=f"`specc train {compiled.file.source.name} --name {loaded.source}` trains it",
        )
    )


def run_name(path: str, train: TrainSection) -> str:
    """What the folder of a section's runs is called."""
    stem = "stdin" if path.startswith("<") else Path(path).stem
    return stem if train.section.name is None else f"{stem}-{train.name}"
