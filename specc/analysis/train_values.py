"""What a train section consists of, and the values that it alone knows."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct, field
from pydantic import BaseModel

from specc.analysis.columns import DataSection
from specc.analysis.frame import Frame
from specc.analysis.values import (
    Foreign,
    Instance,
    Special,
    Value,
)
from specc.components import Figure, Metric, Optimizer, Schedule, Score
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.tensor import TensorType
from specc.types.terms import Ref, Term


class Scores(Special, frozen=True):
    """``val``, ``train``, ``test``: the scores of a split by their names."""

    split: str

    def describe(self) -> str:
        return f"the scores of the split `{self.split}`"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        return Foreign(Score(self.split, name.id), f"{self.split}.{name.id}")


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


Given = tuple[str, str, tuple[Term, ...]]


class Predicted(Struct, frozen=True):
    """``output name = ...``: what `specc predict` writes, perhaps taken back through a field."""

    type: TensorType
    inverse: str | None


class TrainSection(Struct, eq=False):
    """A train section, checked."""

    name: str
    section: tree.Section
    data: DataSection | None = None
    model: Instance | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    settings: BaseModel | None = None
    loss: ir.Expr | None = None
    terms: tuple[str, ...] = ()
    metrics: list[NamedMetric] = field(default_factory=list)
    outputs: dict[str, Predicted] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    """What its losses and metrics offer to be drawn, each once."""

    steps: tuple[steps.Step, ...] = ()
    fields: tuple[str, ...] = ()
    """The fields of the data that anything here uses, in their order."""

    derived: dict[str, TensorType] = field(default_factory=dict)
    """What ragged fields bring with them: ``words.mask``, ``words.lengths``."""

    needs_batch: Span | None = None
    spans: dict[str, Span] = field(default_factory=dict)

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
