"""The model and everything that moves it: one update, one pass over a split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from specc.components import Refusal
from specc.training.averages import Averages
from specc.training.contract import Accumulator, Fields, TrainPlan
from specc.training.dotted import locate
from specc.training.errors import BAD_OPTIMIZER, BATCH_OF_ONE, NOT_ON_DEVICE, NOTHING_LEARNS
from specc.training.execution import Execution, choose, device_of
from specc.training.feed import batches
from specc.training.freezing import freeze
from specc.training.random_state import seed_all
from specc.training.rates import Rates
from specc.training.result import Value
from specc.training.tally import Tally

Batch = Mapping[str, Tensor]


class Engine:
    """Built on the CPU from the seed, then moved: the weights are the same on every device."""

    def __init__(self, plan: TrainPlan, execution: Execution | None = None) -> None:
        settings = plan.settings
        self.plan = plan
        self.device = device_of(plan) if execution is None else torch.device(execution.device)
        _check_batches(plan)
        _check_precision(plan, self.device)
        seed_all(settings.seed)
        self.model = plan.build()
        self.resting = freeze(self.model, settings.freeze)
        self.execution = execution or choose(plan, self.model)
        self.model.to(self.device)
        self.parameters = _learning(plan, self.model)
        self.optimizer = _optimizer(plan, self.parameters, self.execution)
        self.rates = Rates(plan, self.optimizer)
        self.averages = None
        if settings.ema is not None:
            learning = {id(parameter) for parameter in self.parameters}
            named = {n: p for n, p in self.model.named_parameters() if id(p) in learning}
            self.averages = Averages(named, settings.ema)
        self.scaler = torch.GradScaler("cuda") if settings.precision == "fp16" else None
        self.compute = plan.step.run
        if settings.compile:
            self.compute = torch.compile(plan.step.run, dynamic=False)
        rows = plan.rows
        self.splits = {
            split: {name: tensor[: rows[split]].to(self.device) for name, tensor in fields.items()}
            for split, fields in plan.splits.items()
        }
        built = {name: metric.build() for name, metric in plan.step.metrics.items()}
        self.metrics: dict[str, Accumulator] = {
            name: metric.to(self.device) for name, metric in built.items()
        }

    # --- training ------------------------------------------------------------------------------

    def train_mode(self) -> None:
        """Every module trains, but those that are frozen as a whole."""
        self.model.train()
        for module in self.resting:
            module.eval()

    def update(self, batch: Batch, step: int, tally: Tally) -> None:
        """Move the weights by one batch."""
        self.gradients(batch, step, tally)
        self.move()

    def gradients(self, batch: Batch, step: int, tally: Tally) -> None:
        """Forward and backward; the parts of a batch add up to the gradient of its mean."""
        self.optimizer.zero_grad()
        parts = self.plan.settings.accumulate
        if parts == 1:
            loss, terms, outputs = self.forward(batch)
            self._backward(loss)
            tally.add(step, count(batch), loss, terms, outputs)
            return
        rows = count(batch)
        for part in in_parts(batch, parts):
            loss, terms, outputs = self.forward(part)
            self._backward(loss * (count(part) / rows))
            tally.add(step, count(part), loss, terms, outputs)

    def forward(self, batch: Batch) -> Any:
        """What the step computes from some rows."""
        with self._precision():
            return self.compute(self.model, **batch)

    def move(self) -> None:
        """One step of the optimizer, and what follows it."""
        clip, scaler = self.plan.settings.clip, self.scaler
        if scaler is not None and clip is not None:
            scaler.unscale_(self.optimizer)
        if clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, clip)
        if scaler is None:
            self.optimizer.step()
        else:
            scaler.step(self.optimizer)
            scaler.update()
        if self.averages is not None:
            self.averages.update()
        self.rates.after_step()

    def _backward(self, loss: Tensor) -> None:
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]

    def _precision(self) -> AbstractContextManager[Any]:
        precision = self.plan.settings.precision
        if precision == "fp32":
            return nullcontext()
        narrow = torch.bfloat16 if precision == "bf16" else torch.float16
        return torch.autocast(self.device.type, narrow)

    # --- judging -------------------------------------------------------------------------------

    def judged(self) -> AbstractContextManager[None]:
        """The model with the weights that are judged and kept: the averages, where there are."""
        return nullcontext() if self.averages is None else self.averages.in_place()

    def evaluate(
        self, split: str, step: int, between: Callable[[], None] = lambda: None
    ) -> dict[str, Value]:
        """The scores of a split with the weights as they are; calls ``between`` batches."""
        tally = self.tally(split)
        self.model.eval()
        with torch.no_grad():
            # The batch of training, as a loss may depend on what stands together in a batch.
            for batch in batches(self.splits[split], self.plan.settings.batch):
                between()
                for part in in_parts(batch, self.plan.settings.accumulate):
                    loss, terms, outputs = self.forward(part)
                    tally.add(step, count(part), loss, terms, outputs)
            return tally.scores()

    def tally(self, split: str) -> Tally:
        """A fresh tally of a split."""
        planned = self.plan.step.metrics
        metrics = {
            name: metric
            for name, metric in self.metrics.items()
            if split != "train" or not planned[name].keeps_rows
        }
        return Tally(split, metrics, self.plan.step.terms)

    # --- checkpoints ---------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything but the weights that the next step depends on."""
        return {
            "optimizer": self.optimizer.state_dict(),
            "rates": self.rates.state(),
            "averages": None if self.averages is None else self.averages.state(),
            "scaler": None if self.scaler is None else self.scaler.state_dict(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; the weights are put back apart."""
        self.optimizer.load_state_dict(state["optimizer"])
        self.rates.load(state["rates"])
        if self.averages is not None:
            self.averages.load(state["averages"])
        if self.scaler is not None:
            self.scaler.load_state_dict(state["scaler"])


def count(fields: Fields) -> int:
    """The rows of some fields."""
    return len(next(iter(fields.values())))


def in_parts(batch: Batch, parts: int) -> list[Batch]:
    """A batch cut into so many parts of nearly equal size; none is empty."""
    if parts == 1:
        return [batch]
    pieces = {name: t.tensor_split(min(parts, len(t))) for name, t in batch.items()}
    return [dict(zip(pieces, values, strict=True)) for values in zip(*pieces.values(), strict=True)]


def _learning(plan: TrainPlan, model: nn.Module) -> list[nn.Parameter]:
    if plan.step.parameters is not None:
        parameters = [p for p in plan.step.parameters(model) if p.requires_grad]
    else:
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not parameters:
        raise Refusal(NOTHING_LEARNS, "the model has no parameter to learn", field="model")
    return parameters


def _optimizer(
    plan: TrainPlan, parameters: list[nn.Parameter], execution: Execution
) -> torch.optim.Optimizer:
    chosen = plan.step.optimizer
    arguments = chosen.arguments() | ({"fused": True} if execution.fused else {})
    try:
        optimizer: torch.optim.Optimizer = locate(chosen.target)(parameters, **arguments)
    except (ValueError, RuntimeError) as error:
        raise Refusal(BAD_OPTIMIZER, str(error), field="optimizer") from error
    return optimizer


def _check_batches(plan: TrainPlan) -> None:
    rows, parts = plan.rows["train"], plan.settings.accumulate
    batch = plan.settings.batch
    if plan.needs_batch is None or _all_larger_than_one(rows, batch, parts):
        return
    fitting = (b for b in range(batch + 1, rows + 3) if _all_larger_than_one(rows, b, parts))
    better = next(fitting, None)
    raise Refusal(
        BATCH_OF_ONE,
        f"`{plan.needs_batch}` cannot train on one row, and the last batch of an epoch has one"
        if parts == 1
        else f"`{plan.needs_batch}` cannot train on one row, and a part of a batch has one",
        label=f"{rows:,} training rows in batches of {batch}"
        + ("" if parts == 1 else f", each in {parts} parts"),
        help=f"batch = {better}" if better else "fewer parts or more rows",
        field="batch",
    )


def _all_larger_than_one(rows: int, batch: int, parts: int) -> bool:
    """Whether every part of every batch has at least two rows; `in_parts` says their sizes."""
    sizes = {min(batch, rows), rows % batch} - {0}
    return all(size // min(parts, size) > 1 for size in sizes)


def _check_precision(plan: TrainPlan, device: torch.device) -> None:
    if plan.settings.precision == "fp16" and device.type != "cuda":
        raise Refusal(
            NOT_ON_DEVICE,
            f'precision = "fp16" needs CUDA, and this run computes on {device.type}',
            help='precision = "bf16" works here',
            field="precision",
        )
