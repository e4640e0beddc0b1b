"""Components of train sections: optimizers, schedules, metrics, what is kept, when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct
from pydantic import Field

from specc.components.base import Component, Outputs, TensorComponent, put_last
from specc.components.site import Site
from specc.ir import expr as ir

Direction = Literal["max", "min"]
"""Which way is better."""


class Score(Struct, frozen=True):
    """A number of a run by its name in a spec: ``val.accuracy``.

    ``split`` is ``train``, ``val`` or ``test``; ``name`` is that of a metric, ``loss``, or one of
    the loss's terms.
    """

    split: str
    name: str

    def __str__(self) -> str:
        return f"{self.split}.{self.name}"


class Metric(TensorComponent):
    """A number that describes a whole split.

    `lower` gives the accumulator: a `Construct` of a class with ``update(*tensors)``,
    ``compute() -> Tensor`` and ``reset()``; it is updated with all given tensors, of one batch or
    of several joined along the first axis.
    """

    kind: ClassVar[str] = "metric"
    other_words: ClassVar[Mapping[str, str]] = {"k": "top_k", "topk": "top_k"}
    needless: ClassVar[Mapping[str, str]] = {
        "num_classes": "it follows from what is piped in",
        "task": "it follows from what is piped in",
    }
    stands: ClassVar[str] = "`metric name = (scores, target) |> {}` in a `train` section"

    direction: ClassVar[Direction | None] = None
    """Which way is better; ``None`` where the question has no meaning."""

    keeps_rows: ClassVar[bool] = False
    """True where the accumulator holds every row until the end of the split (a curve over all
    thresholds); such a metric is not taken while training."""

    def infer(self, site: Site) -> Outputs:
        return None

    def lower(self, site: Site) -> ir.Construct:
        raise NotImplementedError(f"{type(self).__name__}.lower")


class Optimizer(Component):
    """An update rule; its fields are arguments of the torch class ``target``.

    torch's switches of execution (``foreach fused capturable differentiable``) are no fields: they
    change how fast a step is, and the plan chooses them.
    """

    kind: ClassVar[str] = "optimizer"
    stands: ClassVar[str] = "`optimizer = {}(...)` in a `train` section"
    target: ClassVar[str]
    other_words: ClassVar[Mapping[str, str]] = {
        "alpha": "lr",
        "beta": "betas",
        "decay": "weight_decay",
        "epsilon": "eps",
        "l2": "weight_decay",
        "learning_rate": "lr",
        "wd": "weight_decay",
    }
    needless: ClassVar[Mapping[str, str]] = {
        "foreach": "the plan chooses how a step is computed",
        "fused": "the plan chooses how a step is computed",
        "params": "`update` says what learns",
        "parameters": "`update` says what learns",
    }

    fused_on: ClassVar[tuple[str, ...]] = ()
    """The devices for which torch has the whole step as one kernel."""

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of ``target`` besides the parameters."""
        return dict(self)


class Schedule(Component):
    """How the learning rate moves over a run; its fields are arguments of the class ``target``.

    Every schedule takes two more fields, by keyword. ``by`` says what it counts: a tick is a
    ``step`` (one update) or an ``epoch``. ``warmup`` puts so many steps in front, in which the rate
    rises evenly to where the schedule starts: step ``k`` (from 1) has ``k / (warmup + 1)`` of it.
    The schedule begins when they are over.
    """

    kind: ClassVar[str] = "schedule"
    needless: ClassVar[Mapping[str, str]] = {
        "last_epoch": "a run that goes on knows where it is",
        "optimizer": "it is that of the section",
    }
    stands: ClassVar[str] = "`schedule = {}(...)` in a `train` section"
    target: ClassVar[str]

    by: Literal["step", "epoch"] = "epoch"
    warmup: int = Field(default=0, ge=0)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Put the fields of every schedule last: positional arguments are torch's."""
        super().__pydantic_init_subclass__(**kwargs)
        put_last(cls, Schedule.model_fields)

    def arguments(self, ticks: int) -> dict[str, Any]:
        """Keyword arguments of ``target`` besides the optimizer.

        ``ticks`` is how many there are from the end of the warm-up to the end of the run.
        """
        return {name: value for name, value in self if name not in Schedule.model_fields}

    def watches(self) -> tuple[Score, Direction | None] | None:
        """The score that the schedule follows after each epoch, and which way of it is better as
        the spec says; ``None`` for a schedule that only counts."""
        return None


class Keep(Component):
    """Says which weights of a run are its result."""

    kind: ClassVar[str] = "keep"
    stands: ClassVar[str] = "`keep = {}(...)` in a `train` section"

    metric: Score
    mode: Direction | None = None


class Stop(Component):
    """Says when a run ends before its last epoch."""

    kind: ClassVar[str] = "stop"
    stands: ClassVar[str] = "`stop = {}(...)` in a `train` section"

    metric: Score
    mode: Direction | None = None
    other_words: ClassVar[Mapping[str, str]] = {"epochs": "patience", "monitor": "metric"}

    patience: int = Field(default=5, ge=0)
    min_delta: float = Field(default=0.0, ge=0)


class LogWriter(Protocol):
    """What a logger is told of one run."""

    def scores(self, step: int, scores: Mapping[str, Any]) -> None:
        """The scores of an epoch by their full names, after ``step`` updates."""

    def close(self) -> None:
        """The run is over, or broken off."""


class Logger(Component):
    """Somebody else who is told what a run comes to, besides metrics.jsonl.

    A run that is resumed opens it again and tells everything from the beginning: whatever it wrote
    before is to be replaced.
    """

    kind: ClassVar[str] = "logger"
    stands: ClassVar[str] = "`logger = {}` in a `train` section"

    def open(self, run: Path) -> LogWriter:
        """Begin; ``run`` is the run's folder."""
        raise NotImplementedError(f"{type(self).__name__}.open")
