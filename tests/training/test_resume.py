"""A run that was broken off and goes on comes to the same bits as one that was not."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Keep, Score, Stop
from specc.data import Prepared
from specc.stdlib.accumulators import Perplexity, Regressed
from specc.stdlib.optimizers.sgd import Sgd
from specc.stdlib.schedules.cosine_annealing import CosineAnnealing
from specc.stdlib.schedules.multi_step import MultiStep
from specc.stdlib.schedules.one_cycle import OneCycle
from specc.stdlib.schedules.reduce_on_plateau import ReduceOnPlateau
from specc.training.checkpoint import Checkpoints
from specc.training.contract import MetricPlan, TrainPlan
from specc.training.errors import Interrupted
from specc.training.fit import fit
from tests.training import digits
from tests.training.test_components import OPTIMIZERS

EPOCHS, LIMIT, BATCH = 3, 160, 16
STEPS = LIMIT // BATCH


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def digest(run: Path) -> dict[str, str]:
    """The SHA-256 of everything that a run has come to, but times."""
    files = [run / "metrics.jsonl", run / "weights.safetensors"]
    files += Checkpoints(run / "checkpoints").present()[-1].iterdir()
    return {
        path.name if path.parent == run else f"last/{path.name}": hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(files)
    }


def net() -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 10)
    )


def step(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
    scores = model(image + 0.01 * torch.randn_like(image))
    loss = F.cross_entropy(scores, label)
    return loss, {}, {"accuracy": (scores, label)}


def small(prepared: Prepared, **changes: Any) -> TrainPlan:
    settings = {"epochs": EPOCHS, "batch": BATCH, "limit": LIMIT} | changes.pop("settings", {})
    given = {"run": step, **changes.pop("step", {})}
    return digits.plan(prepared, build=net, settings=settings, step=given, **changes)


class Breaks:
    """A step that ends its process, or nearly so, in the calls whose numbers are given."""

    def __init__(self, run: Callable[..., Any], at: set[int], act: Callable[[], None]) -> None:
        self.run, self.at, self.act, self.calls = run, at, act, 0

    def __call__(self, *args: Any, **fields: Any) -> Any:
        self.calls += 1
        if self.calls in self.at:
            self.act()
        return self.run(*args, **fields)


class Pulled(Exception):
    """The plug."""


def pull() -> None:
    raise Pulled


def broken(plan: TrainPlan, runs: Path, at: set[int], act: Callable[[], None]) -> TrainPlan:
    """Run until the end, however often it breaks off; the calls are counted over all of it."""
    breaking = Breaks(plan.steps[0].run, at, act)
    plan = digits.with_step(plan, run=breaking)
    for _ in range(len(at) + 1):
        try:
            result = fit(plan, runs, resume=True)
        except (Pulled, Interrupted):
            continue
        assert breaking.calls > sorted(at)[-2:][0], "it was not broken off often enough"
        return result
    raise AssertionError("it never ended")


FEATURES = {
    "plain": {},
    "by steps": {
        "step": {
            "optimizer": Sgd(lr=0.1, momentum=0.9),
            "schedule": CosineAnnealing(by="step", warmup=7),
        }
    },
    "milestones": {"step": {"schedule": MultiStep(milestones=[1, 2])}},
    "one cycle": {"step": {"schedule": OneCycle(max_lr=0.05, by="step")}},
    "plateau": {
        "step": {"schedule": ReduceOnPlateau(metric=Score("val", "loss"), patience=0, threshold=1)}
    },
    "accumulate": {"settings": {"accumulate": 3}},
    "averages": {"settings": {"ema": 0.9}},
    "clip and bf16": {"settings": {"clip": 0.5, "precision": "bf16"}},
    "frozen": {"settings": {"freeze": ["1", "*.bias"]}},
    "stop": {
        "settings": {
            "epochs": 9,
            "stop": Stop(metric=Score("val", "loss"), patience=1, min_delta=0.3),
            "keep": Keep(metric=Score("val", "loss")),
        }
    },
    "nothing kept": {"settings": {"keep": None}, "splits": "train"},
}


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("way", ["signal", "plug"])
def test_the_same_bits(tmp_path: Path, prepared: Prepared, feature: str, way: str) -> None:
    changes = dict(FEATURES[feature])
    if changes.get("splits") == "train":
        changes["splits"] = {"train": prepared.tensors()["train"]}
    plan = small(prepared, **changes)
    whole = fit(plan, tmp_path / "whole")
    if way == "plug":
        changes["settings"] = changes.get("settings", {}) | {"save_steps": 4}
        plan = small(prepared, **changes)
        act = pull
    else:
        act = lambda: signal.raise_signal(signal.SIGTERM)  # noqa: E731
    calls = {2, 5, STEPS - 1, STEPS + 2, 2 * STEPS + 3, 3 * STEPS + 7}
    result = broken(plan, tmp_path / "broken", calls, act)
    assert digest(result.run) == digest(whole.run)
    assert result.metrics == whole.metrics
    assert result.best_epoch == whole.best_epoch


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on(tmp_path: Path, prepared: Prepared, name: str) -> None:
    build, run = net, step
    if name == "muon":
        build = lambda: nn.Linear(64, 10, bias=False)  # noqa: E731
    if name == "sparse_adam":
        build = Looked

        def run(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
            scores = model((image * 15.9).long())
            return F.cross_entropy(scores, label), {}, {"accuracy": (scores, label)}

    plan = small(prepared, step={"optimizer": OPTIMIZERS[name](), "run": run})
    plan = digits.replaced(plan, build=build)
    whole = fit(plan, tmp_path / "whole")
    result = broken(plan, tmp_path / "broken", {13}, lambda: signal.raise_signal(signal.SIGINT))
    assert digest(result.run) == digest(whole.run)


def convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, stride=2),
        nn.Flatten(),
        nn.Linear(36, 10),
    )


@pytest.mark.parametrize("name", ["adam", "sgd", "adagrad", "rmsprop"])
def test_what_lies_with_its_channels_last_goes_on(
    tmp_path: Path, prepared: Prepared, name: str
) -> None:
    """The layout of the weights' moments is theirs again, though files keep none."""
    plan = small(prepared, step={"optimizer": OPTIMIZERS[name]()}, settings={"ema": 0.9})
    plan = digits.replaced(plan, build=convolutions)
    whole = fit(plan, tmp_path / "whole")
    told = json.loads((whole.run / "plan.json").read_text())
    assert told["execution"]["memory_format"] == "channels_last"
    result = broken(plan, tmp_path / "broken", {13}, lambda: signal.raise_signal(signal.SIGINT))
    assert digest(result.run) == digest(whole.run)


class Looked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(16, 10, sparse=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.table(x).mean(1)


class Distance:
    """A metric with a metric of torchmetrics, and a list of what it saw."""

    def __init__(self) -> None:
        self.inner = Regressed("MeanAbsoluteError")
        self.metric = self.inner.metric
        self.seen: list[torch.Tensor] = []

    def update(self, scores: torch.Tensor, label: torch.Tensor) -> None:
        self.inner.update(scores.argmax(1), label)
        self.seen.append(scores.mean())

    def compute(self) -> torch.Tensor:
        return self.inner.compute() + torch.stack(self.seen).sum()

    def reset(self) -> None:
        self.inner.reset()
        self.seen = []

    def to(self, device: torch.device) -> Distance:
        self.inner.to(device)
        return self


METRICS = {
    "perplexity": lambda: Perplexity("logits", 1),
    "mae": Distance,
}


@pytest.mark.parametrize("name", METRICS)
def test_metrics_in_the_middle_of_an_epoch(tmp_path: Path, prepared: Prepared, name: str) -> None:
    settings = {"limit": 1000, "batch": 20, "epochs": 2, "keep": None}
    metrics = {"accuracy": MetricPlan(METRICS[name], "min")}
    plan = small(prepared, settings=settings, step={"metrics": metrics})
    whole = fit(plan, tmp_path / "whole")
    act = lambda: signal.raise_signal(signal.SIGTERM)  # noqa: E731
    result = broken(plan, tmp_path / "broken", {33, 47}, act)
    assert digest(result.run) == digest(whole.run)


def test_a_signal_is_obeyed_within_a_step(tmp_path: Path, prepared: Prepared) -> None:
    for number, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        breaking = Breaks(step, {15}, lambda number=number: signal.raise_signal(number))
        plan = small(prepared, step={"run": breaking})
        with pytest.raises(Interrupted) as raised:
            fit(plan, tmp_path)
        assert raised.value.status == status
        at = 15 - (STEPS if plan.rows["val"] == 0 else 0)
        assert breaking.calls - 15 <= 1
        assert raised.value.step in (at, STEPS)
        assert "--resume" in str(raised.value)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_resume_without_a_run_begins_one_and_a_finished_one_is_told(
    tmp_path: Path, prepared: Prepared
) -> None:
    plan = small(prepared)
    first = fit(plan, tmp_path, resume=True)
    before = digest(first.run)
    again = fit(plan, tmp_path, resume=True)
    assert again.run == first.run
    assert (again.metrics, again.best_epoch) == (first.metrics, first.best_epoch)
    assert digest(first.run) == before
    assert fit(plan, tmp_path).run.name == "2"
