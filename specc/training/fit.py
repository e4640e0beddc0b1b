"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from specc import __version__
from specc.components import Refusal
from specc.training.choice import Best, Kept, Patience
from specc.training.contract import Accumulator, TrainPlan
from specc.training.dotted import locate
from specc.training.errors import BAD_OPTIMIZER, BATCH_OF_ONE, NOTHING_LEARNS
from specc.training.execution import Execution, choose, device_of, pinned
from specc.training.feed import batches, epoch_order
from specc.training.folder import RunFolder
from specc.training.rates import Rates
from specc.training.report import INTERVAL, Outline, Report
from specc.training.result import Result, Value
from specc.training.tally import Tally
from specc.training.weights import restore

SAVE_SECONDS = 30.0
"""While training, weights reach the disk at the first end of an epoch after so many seconds."""


def fit(plan: TrainPlan, runs: Path, report: Report | None = None) -> Result:
    """Train, keep the best weights, and measure them on the test split.

    The run's folder is made under ``runs``. The global random state of torch is set from the seed.

    Raises:
        Refusal: if the plan cannot be run; nothing was written then.
        RunFailed: if the loss is not finite; what was saved before stays.
    """
    run = _Run(plan, report or Report())
    with pinned(run.execution):
        return run.run(runs)


class _Run:
    """Everything that is fixed before the first step."""

    def __init__(self, plan: TrainPlan, report: Report) -> None:
        self.plan = plan
        self.report = report
        self.device = device_of(plan)
        self.best = Best(plan)
        self.patience = Patience(plan)
        _check_batches(plan)
        torch.manual_seed(plan.settings.seed)
        self.model = plan.build()
        self.execution = choose(plan, self.model)
        self.model.to(self.device)
        self.parameters = _learning(plan, self.model)
        self.optimizer = _optimizer(plan, self.parameters, self.execution)
        self.rates = Rates(plan, self.optimizer)
        rows = plan.rows
        self.splits = {
            split: {name: tensor[: rows[split]].to(self.device) for name, tensor in fields.items()}
            for split, fields in plan.splits.items()
        }
        built = {name: metric.build() for name, metric in plan.step.metrics.items()}
        self.metrics: dict[str, Accumulator] = {
            name: metric.to(self.device) for name, metric in built.items()
        }
        self.step = 0

    def run(self, runs: Path) -> Result:
        plan, settings = self.plan, self.plan.settings
        began = saved = time.perf_counter()
        folder = RunFolder.create(runs, plan.name)
        self._open(folder)
        result = None
        try:
            for epoch in range(1, settings.epochs + 1):
                scores: dict[str, Value] = {"lr": self.rates.current}
                scores |= self._train(epoch)
                if "val" in self.splits:
                    scores |= self._evaluate("val")
                self.rates.after_epoch(scores)
                self.best.offer(self.model, self.step, epoch, scores)
                folder.log("metrics.jsonl", {"epoch": epoch, "step": self.step, **scores})
                now = time.perf_counter()
                folder.log("times.jsonl", {"epoch": epoch, "seconds": round(now - began, 4)})
                self.report.epoch_ended(epoch, scores)
                over = epoch == settings.epochs or self.patience.over(scores)
                if over or now - saved > SAVE_SECONDS:
                    last = Kept.of(self.model, self.step, epoch, scores)
                    self._save(folder, last)
                    saved = time.perf_counter()
                if over:
                    break
            result = self._finish(folder, last, began)
        finally:
            self.report.ended(result)
        return result

    # --- one pass ------------------------------------------------------------------------------

    def _train(self, epoch: int) -> dict[str, Value]:
        """One epoch over the training rows."""
        plan, model, optimizer, rates = self.plan, self.model, self.optimizer, self.rates
        compute, clip = plan.step.run, plan.settings.clip
        fields = self.splits["train"]
        order = epoch_order(self._rows("train"), plan.settings.seed, epoch).to(self.device)
        tally = self._tally("train")
        first, look = self.step, time.perf_counter() + INTERVAL
        model.train()
        for batch in batches(fields, plan.settings.batch, order):
            self.step += 1
            with self._precision():
                loss, terms, outputs = compute(model, **batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if clip is not None:
                nn.utils.clip_grad_norm_(self.parameters, clip)
            optimizer.step()
            rates.after_step()
            tally.add(self.step, _rows(batch), loss, terms, outputs)
            if time.perf_counter() > look:
                self.report.stepped(epoch, self.step - first)
                look = time.perf_counter() + INTERVAL
        return tally.scores(self.step)

    def _evaluate(self, split: str) -> dict[str, Value]:
        """The scores of a split with the weights as they are."""
        compute, model = self.plan.step.run, self.model
        tally = self._tally(split)
        model.eval()
        with torch.no_grad(), self._precision():
            # The batch of training, as a loss may depend on what stands together in a batch.
            for batch in batches(self.splits[split], self.plan.settings.batch):
                loss, terms, outputs = compute(model, **batch)
                tally.add(self.step, _rows(batch), loss, terms, outputs)
            return tally.scores(self.step)

    def _tally(self, split: str) -> Tally:
        planned = self.plan.step.metrics
        metrics = {
            name: metric
            for name, metric in self.metrics.items()
            if split != "train" or not planned[name].keeps_rows
        }
        return Tally(split, metrics, self.plan.step.terms)

    def _precision(self) -> AbstractContextManager[Any]:
        if self.plan.settings.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _rows(self, split: str) -> int:
        return _rows(self.splits[split])

    # --- the folder ----------------------------------------------------------------------------

    def _open(self, folder: RunFolder) -> None:
        """Write what is known before the first step."""
        plan = self.plan
        count = sum(parameter.numel() for parameter in self.parameters)
        for name, text in plan.files.items():
            folder.write(name, text)
        folder.write_json("fitted.json", dict(plan.fitted))
        folder.write_json(
            "plan.json",
            {
                **plan.description,
                "name": plan.name,
                "rows": plan.rows,
                "steps_per_epoch": plan.steps_per_epoch,
                "parameters": count,
                "settings": plan.settings.model_dump(mode="json", exclude={"keep", "stop"}),
                "keep": None if self.best.name is None else [self.best.name, self.best.way],
                "optimizer": _described(plan.step.optimizer),
                "schedule": plan.step.schedule and _described(plan.step.schedule),
                "execution": self.execution.to_json(),
                "versions": {"specc": __version__, "torch": torch.__version__},
            },
        )
        epochs, device = plan.settings.epochs, self.execution.device
        self.report.started(
            Outline(str(folder.path), epochs, plan.steps_per_epoch, plan.rows, count, device)
        )

    def _save(self, folder: RunFolder, last: Kept) -> None:
        """The last and the best weights, each in the checkpoint of its step."""
        wanted = {kept.step: kept for kept in (last, self.best.kept) if kept is not None}
        present = folder.saved()
        for step, kept in wanted.items():
            if step not in present:
                about = {"epoch": kept.epoch, "scores": dict(kept.scores)}
                folder.save(step, kept.state, kept.aliases, about)
        folder.prune(set(wanted))

    def _finish(self, folder: RunFolder, last: Kept, began: float) -> Result:
        """Put the best weights back, and measure them on the test split."""
        kept = self.best.kept or last
        restore(self.model, kept.state, kept.aliases)
        tested = self._evaluate("test") if "test" in self.splits else {}
        if tested:
            folder.log("metrics.jsonl", {"epoch": kept.epoch, "step": kept.step, **tested})
        found = {name: value for name, value in kept.scores.items() if name != "lr"} | tested
        metrics = {name: value for name, value in found.items() if not isinstance(value, list)}
        tables = {name: value for name, value in found.items() if isinstance(value, list)}
        seconds = time.perf_counter() - began
        result = Result(folder.path, last.epoch, kept.epoch, seconds, metrics, tables)
        folder.write_json("result.json", result.to_json() | {"tables": tables})
        return result


def _rows(fields: Mapping[str, Tensor]) -> int:
    return len(next(iter(fields.values())))


def _learning(plan: TrainPlan, model: nn.Module) -> list[nn.Parameter]:
    if plan.step.parameters is not None:
        parameters = plan.step.parameters(model)
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
    rows, batch = plan.rows["train"], plan.settings.batch
    if plan.needs_batch is None or (rows % batch != 1 and batch != 1):
        return
    raise Refusal(
        BATCH_OF_ONE,
        f"`{plan.needs_batch}` cannot train on one row, and the last batch of an epoch has one",
        label=f"{rows:,} training rows in batches of {batch}",
        help=f"batch = {next(b for b in range(batch + 1, rows + 3) if rows % b != 1)}",
        field="batch",
    )


def _described(component: Any) -> dict[str, Any]:
    """A component as JSON: its name in a spec and its fields."""
    name = type(component).__module__.rpartition(".")[2]
    values = {key: value for key, value in component}  # noqa: C416
    return {"name": name} | {
        key: value if isinstance(value, (int, float, bool, str, type(None), tuple)) else str(value)
        for key, value in values.items()
    }
