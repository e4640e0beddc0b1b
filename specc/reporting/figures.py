"""The figures that losses and metrics offer, as a function over one batch, and gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specc.analysis.train_values import TrainSection
from specc.codegen.load import load_source
from specc.codegen.names import nearest
from specc.codegen.predict import emit_predict
from specc.components import Confusion, Figure, Residuals
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.ir.slicing import locals_in, needed_steps
from specc.planning import Planned, by_name
from specc.reporting.fields import Decoded

if TYPE_CHECKING:
    from torch import Tensor

MOST_VALUES = 100_000
"""So many values of a residual figure are kept, evenly taken from all."""

Batch = Mapping[str, "Tensor"]


@dataclass(frozen=True)
class Drawn:
    """A figure, the tensors of a batch that it is made of, and what its values mean."""

    figure: Figure
    names: Mapping[str, str]
    """``predicted``, ``target`` and ``mask`` -> the name of a result of `Computed.run`."""

    decoded: Decoded

    @property
    def title(self) -> str:
        """What the spec calls the target."""
        target = self.figure.target
        return target.name if isinstance(target, ir.Local) else "target"

    def part(self, results: Batch, which: str) -> Any:
        """One of its tensors as an array; ``None`` for a mask that it does not have."""
        if which not in self.names:
            return None
        tensor = results[self.names[which]].detach().cpu()
        return tensor.float().numpy() if tensor.is_floating_point() else tensor.numpy()


@dataclass(frozen=True)
class Computed:
    """Everything that a page shows of a batch: ``run(*instances, **fields)`` gives it by name."""

    run: Callable[..., Batch]
    fields: tuple[str, ...]
    figures: tuple[Drawn, ...]
    outputs: tuple[str, ...]


def computed(planned: Planned) -> Computed | None:
    """The figures and outputs of a train section; ``None`` where there are neither."""
    train = planned.train
    body, figures = _named(planned, train)
    wanted = [name for drawn in figures for name in drawn.names.values()] + list(train.outputs)
    if not wanted:
        return None
    kept = needed_steps(body, wanted)
    given = train.inputs(locals_in(kept)) or train.inputs()[:1]
    step = steps.PredictStep(
        tuple(train.instances),
        tuple(steps.ModelInput(*each) for each in given),
        kept,
        tuple(dict.fromkeys(wanted)),
    )
    sizes = {
        f"{field}.{name}": size
        for field, found in planned.prepared.attributes.items()
        for name, size in found.items()
        if isinstance(size, int)
    }
    source = emit_predict(step, sizes, "What a report shows.")
    fields = tuple(name for name, *_ in given)
    run = by_name(load_source(source).predict, step.instances, fields, fields)
    return Computed(run, fields, tuple(figures), tuple(train.outputs))


def _named(planned: Planned, train: TrainSection) -> tuple[tuple[steps.Step, ...], list[Drawn]]:
    """The body of a train section with a name for each tensor of its figures."""
    bound = {name for step in train.body if isinstance(step, steps.Let) for name in step.targets}
    known = bound | set(train.fields) | set(train.instances)
    taken = {name.replace(".", "_") for name in known}
    body, found = list(train.body), []
    for figure in train.figures:
        parts = {"predicted": figure.predicted, "target": figure.target, "mask": figure.mask}
        given = {name: expr for name, expr in parts.items() if expr is not None}
        if not locals_in(tuple(given.values())) <= known:
            continue  # what a loop or a step binds has no one value at the end
        if not _is_of_data(train, figure.target):
            continue  # a constant is no truth: the ones that a critic is to say of what is real
        names = {}
        for part, expr in given.items():
            names[part] = nearest(part, taken)
            taken.add(names[part])
            body.append(steps.Let((names[part],), expr, (), ()))
        found.append(Drawn(figure, names, Decoded.of(planned, _field(train, figure.target))))
    return tuple(body), found


def _is_of_data(train: TrainSection, target: ir.Expr) -> bool:
    """Whether a target comes from the fields of the data."""
    read = locals_in(target)
    return bool((read | locals_in(needed_steps(train.body, read))) & set(train.fields))


def _field(train: TrainSection, target: ir.Expr) -> str | None:
    """The field of the data that a target is."""
    assert train.data is not None
    is_field = isinstance(target, ir.Local) and target.name in train.data.fields
    return target.name if is_field else None  # type: ignore[union-attr]


# --- over a split ------------------------------------------------------------------------------


@dataclass
class Counts:
    """How often each class was taken for each: (right, predicted) -> places."""

    drawn: Drawn
    pairs: dict[tuple[int, int], int]
    is_bool: bool = False

    def add(self, results: Batch) -> None:
        right, chosen = (_flat(self.drawn, results, part) for part in ("target", "predicted"))
        self.is_bool = right.dtype == bool
        both = np.stack([right.astype(np.int64), chosen.astype(np.int64)], axis=1)
        for (one, other), count in zip(*np.unique(both, axis=0, return_counts=True), strict=True):
            key = int(one), int(other)
            self.pairs[key] = self.pairs.get(key, 0) + int(count)


@dataclass
class Numbers:
    """Pairs of predicted and right numbers, in the units of the data where there is a way back."""

    drawn: Drawn
    batches: int
    right: list[Any]
    predicted: list[Any]
    every: int = 0

    def add(self, results: Batch) -> None:
        right, predicted = (_flat(self.drawn, results, part) for part in ("target", "predicted"))
        if not self.every:
            self.every = max(1, len(right) * self.batches // MOST_VALUES)
        self.right.append(right[:: self.every])
        self.predicted.append(predicted[:: self.every])

    def values(self) -> tuple[Any, Any]:
        """All right and all predicted numbers that were kept; those that are finite."""
        right, predicted = np.concatenate(self.right), np.concatenate(self.predicted)
        finite = np.isfinite(right) & np.isfinite(predicted)
        return right[finite], predicted[finite]


Gathered = Counts | Numbers


def gathering(drawn: Drawn, batches: int) -> Gathered:
    """What adds up the batches of a split for a figure."""
    match drawn.figure:
        case Confusion():
            return Counts(drawn, {})
        case Residuals():
            return Numbers(drawn, batches, [], [])


def _flat(drawn: Drawn, results: Batch, part: str) -> Any:
    """The values of a batch that count, end to end; numbers in the units of the data."""
    values, mask = drawn.part(results, part), drawn.part(results, "mask")
    is_number = isinstance(drawn.figure, Residuals)
    if is_number and not drawn.decoded.ragged:
        values = np.asarray(drawn.decoded.back(values), np.float64)
    if mask is not None:
        values = values[mask.astype(bool)]
    if is_number and drawn.decoded.ragged:
        values = np.asarray(drawn.decoded.back(values), np.float64)
    return values.reshape(-1)
