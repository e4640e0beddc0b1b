"""The weights of a run on a split: its figures, and the rows that it does worst on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from specc.planning import Planned
from specc.reporting.figures import Computed, Gathered, computed, gathering
from specc.reporting.standing import Standing
from specc.training.engine import Engine
from specc.training.execution import pinned
from specc.training.feed import batches
from specc.training.slices import count
from specc.training.weights import restore

if TYPE_CHECKING:
    from torch import Tensor

EXAMPLES = 12
ONE_BY_ONE = 2000
"""So many rows are looked at where the loss of each takes a pass of its own."""


@dataclass(frozen=True)
class Example:
    """A row of the split: its place in words, its loss, its values before any transform, and what
    is computed of it."""

    place: str
    loss: float
    raw: Mapping[str, Any]
    results: Mapping[str, Tensor]


@dataclass(frozen=True)
class Judged:
    """What a page shows of a split. ``looked_at`` are the rows among which the worst were sought,
    the first ones; ``loss`` is what they are ordered by."""

    split: str
    rows: int
    looked_at: int
    loss: str
    computed: Computed | None
    figures: tuple[Gathered, ...]
    examples: tuple[Example, ...]


def judged(planned: Planned, standing: Standing) -> Judged:
    """The test split, else that of the validation, else the training rows."""
    engine = Engine(planned.plan, standing.execution)
    restore(engine.model, standing.weights, standing.aliases)
    engine.model.eval()
    split = next(name for name in ("test", "val", "train") if name in engine.splits)
    show = computed(planned)
    with pinned(engine.execution), torch.no_grad(), engine.steps[0].precision():
        figures = _figures(engine, split, show)
        losses = row_losses(engine, split)
        examples = _examples(planned, engine, split, show, losses)
    rows = count(engine.splits[split])
    loss = engine.steps[0].step.named("loss")
    return Judged(split, rows, len(losses), loss, show, figures, examples)


def _figures(engine: Engine, split: str, show: Computed | None) -> tuple[Gathered, ...]:
    if show is None or not show.figures:
        return ()
    fields, size = engine.splits[split], engine.plan.settings.batch
    found = tuple(gathering(drawn, -(-count(fields) // size)) for drawn in show.figures)
    for batch in batches(fields, size):
        results = show.run(
            *engine.plan.modules(engine.model), **{name: batch[name] for name in show.fields}
        )
        for figure in found:
            figure.add(results)
    return found


def row_losses(engine: Engine, split: str) -> Tensor:
    """The loss of each row, as if it were a batch of its own; NaN counts as infinite. Where a
    section has several steps it is that of the first.

    All rows of a batch are computed at once where torch can; else one by one, the first
    `ONE_BY_ONE` alone.
    """
    fields, updates = engine.splits[split], engine.steps[0]
    modules = engine.plan.modules(engine.model)
    names = list(fields)

    def alone(*row: Tensor) -> Tensor:
        given = {name: value.unsqueeze(0) for name, value in zip(names, row, strict=True)}
        return updates.step.run(*modules, **given)[0].float().reshape(())

    together: Any = torch.vmap(alone, randomness="different")
    found: list[Tensor] = []
    try:
        with warnings.catch_warnings():
            # Of operations that vmap takes one by one: that is no concern of who trains.
            warnings.filterwarnings("ignore", "There is a performance drop", UserWarning)
            for batch in batches(fields, engine.plan.settings.batch):
                found.append(together(*(batch[name] for name in names)).cpu())
    except RuntimeError:  # an operation that looks at values, or that vmap has no rule for
        first = {name: column[:ONE_BY_ONE] for name, column in fields.items()}
        found = [
            torch.stack([alone(*values) for values in zip(*batch.values(), strict=True)]).cpu()
            for batch in batches(first, engine.plan.settings.batch)
        ]
    return torch.cat(found).nan_to_num(nan=torch.inf)


def _examples(
    planned: Planned, engine: Engine, split: str, show: Computed | None, losses: Tensor
) -> tuple[Example, ...]:
    worst = losses.argsort(descending=True, stable=True)[:EXAMPLES]
    results: Mapping[str, Tensor] = {}
    if show is not None:
        fields = engine.splits[split]
        order = worst.to(engine.device)
        (batch,) = batches(fields, len(order), order)
        results = show.run(
            *engine.plan.modules(engine.model), **{name: batch[name] for name in show.fields}
        )
    prepared = planned.prepared
    return tuple(
        Example(
            prepared.where(split, row),
            float(losses[row]),
            prepared.raw(split, row),
            {name: tensor[number : number + 1] for name, tensor in results.items()},
        )
        for number, row in enumerate(worst.tolist())
    )
