"""What a train section consists of, and the values that it alone knows."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct, field
from pydantic import BaseModel

from specc.analysis.columns import DataSection
from specc.analysis.frame import Frame
from specc.analysis.values import (
    Argument,
    Foreign,
    Instance,
    Special,
    Value,
)
from specc.components import Figure, Metric, Optimizer, Schedule, Score
from specc.components.site import Precondition
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.ir.program import Step
from specc.syntax import tree
from specc.types.tensor import TensorType
from specc.types.terms import Ref, Term


class Scores(Special, frozen=True):
    """``val``, ``train``, ``test``: the scores of a split by their names; ``val.judge`` those of a
    step."""

    split: str
    steps: Collection[str] = ()
    step: str = ""

    def describe(self) -> str:
        of = f" of the step `{self.step}`" if self.step else ""
        return f"the scores{of} of the split `{self.split}`"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        if not self.step and name.id in self.steps:
            return Scores(self.split, self.steps, name.id)
        score = f"{self.step}.{name.id}" if self.step else name.id
        return Foreign(Score(self.split, score), f"{self.split}.{score}")


class MetricValue(Special, frozen=True):
    """A metric applied to tensors."""

    component: Metric
    construct: ir.Construct
    arguments: tuple[ir.Expr, ...]

    def describe(self) -> str:
        return "a metric"


class NamedMetric(Struct, frozen=True):
    """``metric name = tensors |> component``."""

    name: str
    component: Metric
    construct: ir.Construct
    arguments: tuple[ir.Expr, ...]


class Group(Struct, frozen=True, eq=False):
    """``group name = parameters("*.bias", weight_decay=0)``: what is set otherwise for some."""

    name: str
    names: tuple[str, ...]
    settings: tuple[Argument, ...]
    span: Span


class Loaded(Struct, frozen=True, eq=False):
    """``load(...)``: a train section of this file, or the folder of a run.

    ``instance`` is the one whose weights are meant, empty where the run has but one.
    """

    source: str
    is_section: bool
    instance: str
    span: Span


Given = tuple[str, str, tuple[Term, ...]]


class Predicted(Struct, frozen=True):
    """``output name = ...``: what `specc predict` writes, perhaps taken back through a field."""

    type: TensorType
    inverse: str | None


class StepSection(Struct, eq=False):
    """One update of a train section: a `step` block, or the section itself where it has none.

    ``body`` is what it computes from a batch, the section's own lines first. ``settings`` are the
    plain ones, those of the section included. ``update`` names what learns.
    """

    name: str
    head: Span
    loss: ir.Expr | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    settings: BaseModel | None = None
    update: tuple[str, ...] = ("model",)
    groups: list[Group] = field(default_factory=list)
    grouped: list[tuple[Group, Optimizer]] = field(default_factory=list)
    """The groups, those of the section first, with the optimizer as it is for each."""

    terms: tuple[str, ...] = ()
    metrics: list[NamedMetric] = field(default_factory=list)
    body: tuple[Step, ...] = ()

    def named(self, what: str) -> str:
        """The name of a setting or a score of this step: ``judge.loss``."""
        return f"{self.name}.{what}" if self.name else what


class TrainSection(Struct, eq=False):
    """A train section, checked.

    ``body`` is what stands outside of its steps. ``metrics`` are measured with the last step.
    """

    name: str
    section: tree.Section
    data: DataSection | None = None
    instances: dict[str, Instance] = field(default_factory=dict)
    """``model``, and what is ``shared``, by name and in order."""

    loads: dict[str, Loaded] = field(default_factory=dict)
    """Where instances come from that another run has trained; ``init`` is what ``model`` starts
    from."""

    settings: BaseModel | None = None
    steps: list[StepSection] = field(default_factory=list)
    metrics: list[NamedMetric] = field(default_factory=list)
    outputs: dict[str, Predicted] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    """What its losses and metrics offer to be drawn, each once."""

    body: tuple[Step, ...] = ()
    fields: tuple[str, ...] = ()
    """The fields of the data that anything here uses, in their order."""

    derived: dict[str, TensorType] = field(default_factory=dict)
    """What ragged fields bring with them: ``words.mask``, ``words.lengths``."""

    conditions: tuple[Precondition, ...] = ()
    """What it demands of the lengths of ragged rows (``Reviews.words``)."""

    needs_batch: Span | None = None
    spans: dict[str, Span] = field(default_factory=dict)
    """Where each setting is said; those of a step with its name in front."""

    @property
    def model(self) -> Instance | None:
        """The instance that predicts."""
        return self.instances.get("model")

    def span(self, setting: str) -> Span:
        """Where a setting is said: by a step, by the section for it, or by nobody."""
        inherited = setting.rpartition(".")[2]
        return self.spans.get(setting) or self.spans.get(inherited) or self.section.head

    def inputs(self, read: Collection[str] | None = None) -> list[Given]:
        """Names, kinds and sizes of the fields that a step is given: all that are used, or those
        among the tensors that it reads."""
        assert self.data is not None
        found: list[Given] = []
        names = self.fields
        if read is not None:
            names = tuple(n for n in (*self.data.fields, *self.derived) if n in read)
        for name in names:
            if name in self.derived:
                type_ = self.derived[name]
                dims = tuple(dim.term for dim in type_.dims)
            else:
                type_ = self.data.fields[name].type
                dims = (Ref("B"), *(dim.term for dim in type_.dims))
            found.append((name, str(type_.element), dims))
        return found
