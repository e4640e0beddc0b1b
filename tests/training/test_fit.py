"""The loop: what it learns, what it leaves behind, and how it stops."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Keep, Refusal, Score, Stop
from specc.data import Prepared
from specc.stdlib.optimizers.adam import Adam
from specc.stdlib.optimizers.muon import Muon
from specc.stdlib.optimizers.sgd import Sgd
from specc.stdlib.schedules.cosine_annealing import CosineAnnealing
from specc.training.contract import MetricPlan
from specc.training.errors import RunFailed
from specc.training.feed import epoch_order
from specc.training.fit import fit
from specc.training.report import BarReport, LineReport, Report
from specc.training.weights import load
from tests.training import digits


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def records(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def checkpoints(run: Path) -> dict[int, dict]:
    found = sorted((run / "checkpoints").iterdir())
    return {int(p.name): json.loads((p / "checkpoint.json").read_text()) for p in found}


def weights(run: Path) -> dict[str, torch.Tensor]:
    """Those that are the result."""
    return load(run / "weights.safetensors")


def test_digits_are_learned(tmp_path: Path, prepared: Prepared) -> None:
    out = io.StringIO()
    result = fit(digits.plan(prepared), tmp_path, LineReport(out))
    assert result.metrics["test.accuracy"] >= 0.95
    assert result.run == tmp_path / "digits" / "1"
    assert set(result.metrics) == {
        f"{split}.{name}" for split in ("train", "val", "test") for name in ("loss", "accuracy")
    }
    told = json.loads(json.dumps(result.to_json()))
    assert set(told) == {"run", "epochs", "best_epoch", "seconds", "metrics"}
    assert told["epochs"] == 20
    assert len(out.getvalue().splitlines()) == 21

    lines = records(result.run)
    assert [line["epoch"] for line in lines[:-1]] == list(range(1, 21))
    best = max(lines[:-1], key=lambda line: line["val.accuracy"])
    assert best["epoch"] == result.best_epoch
    assert lines[-1]["test.accuracy"] == result.metrics["test.accuracy"]
    assert list(checkpoints(result.run)) == [20 * 40]
    assert json.loads((result.run / "result.json").read_text())["step"] == best["step"]
    plan = json.loads((result.run / "plan.json").read_text())
    assert plan["parameters"] == 8970
    assert plan["keep"] == ["val.accuracy", "max"]
    assert plan["optimizer"]["name"] == "adam"
    assert (result.run / "model.py").read_text() == "# the emitted source\n"
    assert json.loads((result.run / "fitted.json").read_text())["label"][0]["classes"] == 10


def test_the_loop_is_the_one_that_a_person_would_write(tmp_path: Path, prepared: Prepared) -> None:
    """Bit for bit, over a schedule with a warm-up, clipping and a smaller last batch."""
    plan = digits.plan(
        prepared,
        step={"optimizer": Sgd(lr=0.1, momentum=0.9), "schedule": CosineAnnealing(warmup=30)},
        settings={"epochs": 3, "seed": 11, "clip": 1.0},
    )
    result = fit(plan, tmp_path)

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(11)
    model = digits.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3 * 40 - 30)
    tensors = prepared.tensors()
    image, label = tensors["train"]["image"], tensors["train"]["label"]
    step = 0
    for epoch in (1, 2, 3):
        losses = []
        for rows in epoch_order(len(image), 11, epoch).split(32):
            if step < 30:
                optimizer.param_groups[0]["lr"] = 0.1 * ((step + 1) / 31)
            elif step == 30:
                optimizer.param_groups[0]["lr"] = 0.1
            loss = F.cross_entropy(model(image[rows]), label[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step >= 30:
                schedule.step()
            step += 1
            losses.append(loss.item() * len(rows))
        line = records(result.run)[epoch - 1]
        assert line["train.loss"] == sum(losses) / len(image)
    torch.set_num_threads(before)
    assert step == 120
    trained = load(result.run / "checkpoints/000000120/weights.safetensors")
    assert all(torch.equal(trained[k], v) for k, v in model.state_dict().items())


def test_a_run_repeats_itself(tmp_path: Path, prepared: Prepared) -> None:
    plan = digits.plan(prepared, build=with_dropout, settings={"epochs": 2})
    runs = [fit(plan, tmp_path).run for _ in range(2)]
    assert [run.name for run in runs] == ["1", "2"]
    one, other = ((run / "metrics.jsonl").read_bytes() for run in runs)
    assert one == other
    one, other = (
        hashlib.sha256((run / "checkpoints/000000080/weights.safetensors").read_bytes()).digest()
        for run in runs
    )
    assert one == other


def with_dropout() -> nn.Module:
    return nn.Sequential(digits.model(), nn.Dropout(0.1))


def test_scores_are_those_of_the_whole_split(tmp_path: Path, prepared: Prepared) -> None:
    result = fit(digits.plan(prepared, settings={"epochs": 2}), tmp_path)
    model = digits.model()
    model.load_state_dict(weights(result.run))
    tensors = prepared.tensors()["val"]
    scores = model(tensors["image"])
    loss = F.cross_entropy(scores, tensors["label"]).item()
    right = (scores.argmax(1) == tensors["label"]).float().mean().item()
    assert result.metrics["val.loss"] == pytest.approx(loss, rel=1e-5)
    assert result.metrics["val.accuracy"] == pytest.approx(right)


@pytest.mark.parametrize(("at", "split"), [(1, "train"), (57, "train"), (40, "val")])
def test_nan_stops_the_run_and_names_the_step(
    tmp_path: Path, prepared: Prepared, at: int, split: str
) -> None:
    seen = {"train": 0}

    def step(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
        loss, terms, metrics = digits.step(model, image, label)
        seen["train"] += model.training
        bad = seen["train"] == at and (split == "train") == model.training
        return loss * float("nan") if bad else loss, terms, metrics

    plan = digits.plan(prepared, step={"run": step})
    with pytest.raises(RunFailed) as raised:
        fit(plan, tmp_path)
    where = f"in step {at}" if split == "train" else f"on the val split, after step {at}"
    assert (raised.value.code.id, raised.value.message) == (
        "E0701",
        f"`{split}.loss` is NaN {where}",
    )


def test_early_stop_and_the_best_epoch(tmp_path: Path, prepared: Prepared) -> None:
    settings = {
        "epochs": 50,
        "keep": Keep(metric=Score("val", "loss")),
        "stop": Stop(metric=Score("val", "loss"), patience=2),
    }
    optimizer = Sgd(lr=1.5, momentum=0.9)
    plan = digits.plan(prepared, settings=settings, step={"optimizer": optimizer})
    result = fit(plan, tmp_path)
    losses = [line["val.loss"] for line in records(result.run)[:-1]]
    best = losses.index(min(losses)) + 1
    assert result.best_epoch == best
    assert result.epochs < 50
    waits = [i for i in range(2, len(losses)) if min(losses[i - 1 :][:2]) >= min(losses[: i - 1])]
    assert result.epochs == waits[0] + 1
    assert list(checkpoints(result.run)) == [result.epochs * 40]


def test_terms_limit_and_a_run_without_validation(tmp_path: Path, prepared: Prepared) -> None:
    def step(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
        fit_loss = F.cross_entropy(model(image), label)
        penalty = model[0].weight.square().sum() * 1e-3
        return fit_loss + penalty, {"fit": fit_loss, "penalty": penalty}, {}

    tensors = {"train": prepared.tensors()["train"]}
    plan = digits.plan(
        prepared,
        splits=tensors,
        step={"run": step, "terms": ("fit", "penalty"), "metrics": {}},
        settings={"epochs": 2, "keep": None, "limit": 70},
    )
    result = fit(plan, tmp_path)
    metrics = result.metrics
    assert set(metrics) == {"train.loss", "train.fit", "train.penalty"}
    assert metrics["train.loss"] == pytest.approx(metrics["train.fit"] + metrics["train.penalty"])
    assert list(checkpoints(result.run)) == [2 * 3]


def test_tied_weights_are_written_once(tmp_path: Path, prepared: Prepared) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(64, 64)
            self.second = nn.Linear(64, 64)
            self.second.weight = self.first.weight
            self.head = nn.Linear(64, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.second(self.first(x).relu()).relu())

    run = fit(digits.plan(prepared, build=Tied, settings={"epochs": 1}), tmp_path).run
    state = weights(run)
    assert set(state) == set(Tied().state_dict())
    assert torch.equal(state["first.weight"], state["second.weight"])
    size = (run / "weights.safetensors").stat().st_size
    assert size < 4 * (64 * 64 + 64 + 64 + 640 + 10) + 2000


@pytest.mark.parametrize(
    ("changes", "code", "field", "hint"),
    [
        ({"settings": {"keep": Keep(metric=Score("val", "acuracy"))}}, "E0702", "keep", "accuracy"),
        ({"settings": {"keep": Keep(metric=Score("test", "loss"))}}, "E0702", "keep", "by val"),
        ({"settings": {"stop": Stop(metric=Score("dev", "loss"))}}, "E0702", "stop", "no split"),
        (
            {"step": {"metrics": {"accuracy": MetricPlan(digits.accuracy, None)}}},
            "E0703",
            "keep",
            "mode",
        ),
        (
            {"needs_batch": "batch_norm", "settings": {"batch": 1257}},
            "E0704",
            "batch",
            "batch = 1258",
        ),
        ({"needs_batch": "batch_norm", "settings": {"batch": 1}}, "E0704", "batch", "batch = 2"),
        ({"step": {"optimizer": Muon()}}, "E0705", "optimizer", ""),
        ({"build": lambda: digits.model().requires_grad_(False)}, "E0706", "model", ""),
        ({"step": {"schedule": CosineAnnealing(warmup=800)}}, "E0707", "schedule", "800 steps"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(
    tmp_path: Path, prepared: Prepared, changes: dict, code: str, field: str, hint: str
) -> None:
    with pytest.raises(Refusal) as raised:
        fit(digits.plan(prepared, **changes), tmp_path)
    refusal = raised.value
    assert (refusal.code.id, refusal.field) == (code, field), refusal.message
    assert hint in (refusal.help or "")
    assert not list(tmp_path.iterdir())


def test_bf16_and_a_model_with_batch_norm(tmp_path: Path, prepared: Prepared) -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10))

    plan = digits.plan(
        prepared,
        build=build,
        needs_batch="batch_norm",
        step={"optimizer": Adam(lr=1e-2)},
        settings={"precision": "bf16", "epochs": 4},
    )
    result = fit(plan, tmp_path)
    assert result.metrics["test.accuracy"] > 0.9


def test_a_file_of_the_plan_stays_in_the_folder(tmp_path: Path, prepared: Prepared) -> None:
    with pytest.raises(ValueError, match="leads out"):
        fit(digits.plan(prepared, files={"../x": ""}), tmp_path)


def test_reports(capsys: pytest.CaptureFixture[str], tmp_path: Path, prepared: Prepared) -> None:
    plan = digits.plan(prepared, settings={"epochs": 2})
    for report in (Report(), BarReport()):
        fit(plan, tmp_path, report)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "val.accuracy" in shown.err
