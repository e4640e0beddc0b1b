"""What keeps ranks from training a plan together."""

from __future__ import annotations

from specc.components import Refusal
from specc.training.accumulators import reduces
from specc.training.contract import Accumulator, TrainPlan
from specc.training.errors import BATCH_OF_ONE, NOT_OVER_RANKS, TOO_MANY_RANKS


def check_ranks(plan: TrainPlan, world: int) -> None:
    """Raise a `Refusal` unless there is a row for every rank in every split and batch, and two
    where a layer cannot train on one."""
    check_rows(plan, world)
    check_batches(plan, world)


def check_rows(plan: TrainPlan, world: int) -> None:
    """Raise a `Refusal` unless there is a row for every rank in every split and batch."""
    few = [(rows, f"the {name} split") for name, rows in plan.rows.items() if rows < world]
    if plan.settings.batch < world:
        few.insert(0, (plan.settings.batch, "a batch"))
    if few:
        rows, what = few[0]
        raise Refusal(
            TOO_MANY_RANKS,
            f"{what} has {rows:,} {'row' if rows == 1 else 'rows'}, and there are {world} ranks",
            help=f"--nproc {rows}, or batch = {world} and more"
            if what == "a batch"
            else f"--nproc {rows}, or more rows",
            field="batch",
        )


def check_metrics(metrics: dict[str, Accumulator]) -> None:
    """Raise a `Refusal` if a metric cannot be taken over several ranks."""
    for name, metric in metrics.items():
        if not reduces(metric):
            raise Refusal(
                NOT_OVER_RANKS,
                f"the metric `{name}` cannot be taken over several ranks",
                label=f"{type(metric).__name__} is no torchmetrics.Metric and holds none",
                help="without --nproc it can",
                field=name,
            )


def check_batches(plan: TrainPlan, world: int) -> None:
    """Raise a `Refusal` if a layer that cannot train on one row would have to."""
    rows, batch = plan.rows["train"], plan.settings.batch
    parts = max(plan.moves(step).accumulate for step in plan.steps)
    if plan.needs_batch is None or _all_larger_than_one(rows, batch, parts, world):
        return
    fitting = (b for b in range(batch + 1, rows + 3) if _all_larger_than_one(rows, b, parts, world))
    better = next(fitting, None)
    raise Refusal(
        BATCH_OF_ONE,
        f"`{plan.needs_batch}` cannot train on one row, and the last batch of an epoch has one"
        if parts * world == 1
        else f"`{plan.needs_batch}` cannot train on one row, and a part of a batch has one or none",
        label=f"{rows:,} training rows in batches of {batch}"
        + ("" if world == 1 else f", each cut into slices for {world} ranks")
        + ("" if parts == 1 else f", each in {parts} parts"),
        help=f"batch = {better}" if better else "fewer parts or more rows",
        field="batch",
    )


def _all_larger_than_one(rows: int, batch: int, parts: int, world: int) -> bool:
    """Whether every part of every slice has at least two rows; `Batch.parts` says their sizes."""
    sizes = {min(batch, rows), rows % batch} - {0}
    return all(size // world // min(parts, -(-size // world)) > 1 for size in sizes)
