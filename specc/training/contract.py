"""What the compiler hands over to be trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from specc.components import (
    Augmentation,
    Direction,
    Optimizer,
    Ragged,
    Schedule,
    Strategy,
    Streamed,
)
from specc.training.settings import Moves, Settings, StepSettings

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Fields = Mapping[str, "Tensor | Ragged | Streamed"]
"""The rows of a split by the names of their fields; the first axis counts the rows. Ragged rows are
filled up with zeros when they become a batch, streamed ones are made then."""

StepResult = tuple["Tensor", Mapping[str, "Tensor"], Mapping[str, tuple["Tensor", ...]]]
"""The loss (a scalar), its named terms (scalars), and what each metric is to be updated with."""


class Accumulator(Protocol):
    """A metric over a split, as those of torchmetrics are."""

    def update(self, *tensors: Tensor) -> None: ...
    def compute(self) -> Tensor: ...
    def reset(self) -> None: ...
    def to(self, device: torch.device) -> Any: ...


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """A named metric. ``keeps_rows`` is the component's: such a metric is not taken in training."""

    build: Callable[[], Accumulator]
    direction: Direction | None
    keeps_rows: bool = False


@dataclass(frozen=True, slots=True)
class AugmentPlan:
    """An augmentation of fields, in their order: of the training rows, or of all splits."""

    fields: tuple[str, ...]
    component: Augmentation
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Parameters for which the optimizer has other settings: their names, and the optimizer as it
    is for them. One that is ``inherited`` from the section need not concern every step."""

    name: str
    names: tuple[str, ...]
    optimizer: Optimizer
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One update: what is computed from a batch, and how the weights move.

    ``run(*instances, **fields)`` is called in training mode for batches of the training rows, and
    without gradients in evaluation mode for the other splits. ``name`` is that of the ``step`` in
    the spec, empty where the section has none. ``terms`` and ``metrics`` name all that it may
    return, with the step's name in front (``judge.on_real``); a metric of the section as a whole
    has none. ``update`` names what learns, as `specc.training.names` reads it: everything else is
    constant while the step computes. ``settings`` are its own, where it is a ``step``.
    """

    run: Callable[..., StepResult]
    optimizer: Optimizer
    name: str = ""
    schedule: Schedule | None = None
    terms: tuple[str, ...] = ()
    metrics: Mapping[str, MetricPlan] = field(default_factory=dict)
    update: tuple[str, ...] = ("model",)
    groups: tuple[GroupPlan, ...] = ()
    settings: StepSettings | None = None

    @property
    def every(self) -> int:
        """It runs with every so many batches."""
        return 1 if self.settings is None else self.settings.every

    def named(self, what: str) -> str:
        """The name of a score of this step, without the split: ``judge.loss``."""
        return f"{self.name}.{what}" if self.name else what


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """A train section, checked and resolved.

    ``name`` is the folder under ``runs``. ``build`` makes the model on the CPU; the random state is
    set from the seed just before, so that the weights are those of ``specc.load(...).model(...)``.
    ``instances`` are what the steps are called with, by their names in the spec: ``build`` gives
    the model itself where it is the only one, else a module with one submodule for each;
    ``arguments`` are the values of their parameters, which ``build`` gives them. ``loads`` has the
    digest of each run whose weights it loads. ``steps`` are run in their order with every batch.
    ``splits`` has ``train`` and may have ``val`` and ``test``; their fields are those that ``run``
    takes. ``files`` are written into the run folder by their relative paths (the spec and what it
    imports, ``model.py``). ``needs_batch`` names the layer that cannot train on a single row, if
    there is one. ``description`` is added to plan.json, ``fitted`` is kept as fitted.json.
    ``augments`` change batches of the training split, in their order. ``weights`` (``float64``) say
    how often each training row is drawn; by default each comes once an epoch. ``strategy`` is how
    several ranks train; one does without.
    """

    name: str
    build: Callable[[], nn.Module]
    steps: tuple[StepPlan, ...]
    splits: Mapping[str, Fields]
    settings: Settings
    files: Mapping[str, str] = field(default_factory=dict)
    needs_batch: str | None = None
    description: Mapping[str, Any] = field(default_factory=dict)
    fitted: Mapping[str, Any] = field(default_factory=dict)
    augments: tuple[AugmentPlan, ...] = ()
    weights: Tensor | None = None
    device: str | None = None
    instances: tuple[str, ...] = ("model",)
    strategy: Strategy | None = None
    loads: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def modules(self, built: nn.Module) -> tuple[nn.Module, ...]:
        """What the steps are called with, of what ``build`` gave."""
        if len(self.instances) == 1:
            return (built,)
        return tuple(built.get_submodule(name) for name in self.instances)

    def moves(self, step: StepPlan) -> Moves:
        """How the updates of a step are made."""
        return step.settings or self.settings

    @property
    def rows(self) -> dict[str, int]:
        """The rows of each split that the run uses."""
        limit = self.settings.limit
        counts = {name: len(next(iter(f.values()))) for name, f in self.splits.items()}
        return {name: n if limit is None else min(n, limit) for name, n in counts.items()}

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.rows["train"] // self.settings.batch)
