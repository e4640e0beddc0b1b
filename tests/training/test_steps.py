"""Sections with several steps: each moves its own weights, by its own optimizer, in its turn."""

from __future__ import annotations

import contextlib
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Keep, Refusal, Score
from specc.data import Prepared
from specc.stdlib.optimizers.adam import Adam
from specc.stdlib.optimizers.sgd import Sgd
from specc.stdlib.schedules.cosine_annealing import CosineAnnealing
from specc.stdlib.schedules.linear import Linear
from specc.training.checkpoint import Checkpoints, read
from specc.training.contract import GroupPlan, MetricPlan, StepPlan, TrainPlan
from specc.training.errors import Interrupted, RunFailed
from specc.training.feed import epoch_order
from specc.training.fit import fit
from specc.training.settings import Settings, StepSettings
from specc.training.smoke import smoke
from tests.training import digits
from tests.training.test_resume import Breaks, Pulled, digest, pull

EPOCHS, ROWS, BATCH = 2, 150, 16


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def networks() -> nn.Module:
    generator = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 64))
    critic = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
    return nn.ModuleDict({"model": generator, "critic": critic})


def judge(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
    fake = model(torch.randn(len(image), 8))
    real, made = critic(image), critic(fake)
    on_real = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    on_fake = F.binary_cross_entropy_with_logits(made, torch.zeros_like(made))
    terms = {"judge.on_real": on_real, "judge.on_fake": on_fake}
    ids = (real.squeeze(1) > 0).long()
    return on_real + on_fake, terms, {"judge.believed": (ids, torch.ones_like(ids))}


def forge(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
    made = critic(model(torch.randn(len(image), 8)))
    return F.binary_cross_entropy_with_logits(made, torch.ones_like(made)), {}, {}


class Share:
    """The share of equal ids."""

    def __init__(self) -> None:
        self.reset()

    def update(self, one: torch.Tensor, other: torch.Tensor) -> None:
        self.right += int((one == other).sum())
        self.rows += len(one)

    def compute(self) -> torch.Tensor:
        return torch.tensor(self.right / self.rows)

    def reset(self) -> None:
        self.right = self.rows = 0

    def to(self, device: torch.device) -> Share:
        return self


def steps(judging: dict[str, Any] | None = None, forging: dict[str, Any] | None = None):
    return (
        StepPlan(
            **{
                "name": "judge",
                "run": judge,
                "optimizer": Adam(lr=2e-3, betas=(0.5, 0.999)),
                "terms": ("judge.on_real", "judge.on_fake"),
                "metrics": {"judge.believed": MetricPlan(Share, "max")},
                "update": ("critic",),
                "settings": StepSettings(),
                **(judging or {}),
            }
        ),
        StepPlan(
            **{
                "name": "forge",
                "run": forge,
                "optimizer": Sgd(lr=0.1, momentum=0.9),
                "settings": StepSettings(every=2, clip=0.5),
                **(forging or {}),
            }
        ),
    )


def plan(prepared: Prepared, all_steps: tuple[StepPlan, ...], **settings: Any) -> TrainPlan:
    chosen = {"epochs": EPOCHS, "batch": BATCH, "limit": ROWS, "seed": 3} | settings
    return TrainPlan(
        name="gan",
        build=networks,
        steps=all_steps,
        splits={"train": prepared.tensors()["train"], "val": prepared.tensors()["val"]},
        settings=Settings(**chosen),
        instances=("model", "critic"),
    )


def test_a_gan_is_trained_as_a_person_would(tmp_path: Path, prepared: Prepared) -> None:
    """Bit for bit: the weights of both after two epochs, and every loss on the way."""
    schedule = CosineAnnealing(by="step", warmup=3)
    trained = plan(prepared, steps(forging={"schedule": schedule}))
    trained = replace(trained, splits={"train": trained.splits["train"]})
    result = fit(trained, tmp_path)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(3)
    both = networks()
    model, critic = both["model"], both["critic"]
    one = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.999), fused=True)
    two = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)
    batches = EPOCHS * -(-ROWS // BATCH)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(two, T_max=batches // 2 - 3)
    image = prepared.tensors()["train"]["image"][:ROWS]
    number, moved, scores = 0, 0, []
    for epoch in range(1, EPOCHS + 1):
        sums = dict.fromkeys(("judge.loss", "judge.on_real", "judge.on_fake"), 0.0)
        forged, forged_rows = 0.0, 0
        for rows in epoch_order(ROWS, 3, epoch).split(BATCH):
            number += 1
            one.zero_grad()
            with torch.no_grad():
                fake = model(torch.randn(len(rows), 8))
            real, made = critic(image[rows]), critic(fake)
            on_real = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
            on_fake = F.binary_cross_entropy_with_logits(made, torch.zeros_like(made))
            (on_real + on_fake).backward()
            one.step()
            for name, value in zip(sums, (on_real + on_fake, on_real, on_fake), strict=True):
                sums[name] += value.item() * len(rows)
            if number % 2:
                continue
            if moved <= 3:
                two.param_groups[0]["lr"] = 0.1 * min(1.0, (moved + 1) / 4)
            two.zero_grad()
            made = critic(model(torch.randn(len(rows), 8)))
            loss = F.binary_cross_entropy_with_logits(made, torch.ones_like(made))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            two.step()
            moved += 1
            if moved > 3:
                rates.step()
            forged, forged_rows = forged + loss.item() * len(rows), forged_rows + len(rows)
        found = {f"train.{name}": value / ROWS for name, value in sums.items()}
        scores.append(found | {"train.forge.loss": forged / forged_rows})
    torch.set_num_threads(threads)

    lines = (result.run / "metrics.jsonl").read_text().splitlines()
    for line, wanted in zip(map(json.loads, lines), scores, strict=True):
        assert {name: line[name] for name in wanted} == wanted
        assert {"judge.lr", "forge.lr", "train.judge.believed"} <= set(line)
    weights = read(Checkpoints(result.run / "checkpoints").present()[-1]).weights
    assert set(weights) == set(both.state_dict())
    assert all(torch.equal(weights[name], value) for name, value in both.state_dict().items())
    assert set(result.metrics) == set(lines and json.loads(lines[-1])) - {
        "epoch",
        "step",
        "judge.lr",
        "forge.lr",
    }


FEATURES: dict[str, dict[str, Any]] = {
    "plain": {},
    "kept": {"settings": {"keep": Keep(metric=Score("val", "judge.on_real"))}},
    "schedules": {
        "judging": {"schedule": CosineAnnealing(by="step", warmup=4)},
        "forging": {"schedule": Linear(start_factor=0.5, total_iters=2)},
    },
    "own parts and averages": {
        "judging": {"settings": StepSettings(accumulate=2, clip=1.0)},
        "forging": {"settings": StepSettings(every=3, ema=0.9)},
    },
    "averages of all": {"settings": {"ema": 0.8, "precision": "bf16"}, "own": {"settings": None}},
    "one part of a model": {
        "judging": {"update": ("critic.0", "critic.3.bias")},
        "forging": {"update": ("model.0", "critic.3.bias")},
    },
    "all and a part": {"judging": {"update": ("critic", "model")}},
}


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("way", ["signal", "plug"])
def test_broken_off_and_resumed_to_the_same_bits(
    tmp_path: Path, prepared: Prepared, feature: str, way: str
) -> None:
    changes = FEATURES[feature]
    own = changes.get("own", {})
    chosen = steps(own | changes.get("judging", {}), own | changes.get("forging", {}))
    settings = changes.get("settings", {})
    whole = fit(plan(prepared, chosen, **settings), tmp_path / "whole")
    struck: list[int] = []

    def terminate() -> None:
        if not struck:  # a second signal to one process ends it at once
            struck.append(1)
            signal.raise_signal(signal.SIGTERM)

    act = pull if way == "plug" else terminate
    settings = settings | ({"save_steps": 3} if way == "plug" else {})
    # Within a step, between the two of a batch, in the validation, and in the second epoch.
    judging = Breaks(judge, {2, 9, 14, 27}, act)
    forging = Breaks(forge, {2, 6, 13}, act)
    broken = (replace(chosen[0], run=judging), replace(chosen[1], run=forging))
    for _ in range(12):
        struck.clear()
        try:
            result = fit(plan(prepared, broken, **settings), tmp_path / "broken", resume=True)
        except (Pulled, Interrupted):
            continue
        break
    assert judging.calls > 27
    assert forging.calls > 13
    assert digest(result.run) == digest(whole.run)
    assert result.metrics == whole.metrics


def test_what_no_step_updates_rests(tmp_path: Path, prepared: Prepared) -> None:
    seen: list[tuple[bool, ...]] = []

    def look(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
        parts = (model, model[1], critic, critic[2])
        seen.append(tuple(part.training for part in parts))
        return forge(model, critic, image)

    only = steps(forging={"run": look, "settings": StepSettings(), "update": ("model.0",)})[1:]
    trained = plan(prepared, only, epochs=1)
    before = fit(replace(trained, splits={"train": trained.splits["train"]}), tmp_path)
    assert set(seen[1:]) == {(True, False, False, False)}
    weights = read(Checkpoints(before.run / "checkpoints").present()[-1]).weights
    torch.manual_seed(3)
    fresh = networks().state_dict()
    changed = {name for name in fresh if not torch.equal(fresh[name], weights[name])}
    assert changed == {"model.0.weight", "model.0.bias"}
    assert json.loads((before.run / "plan.json").read_text())["parameters"] == 8 * 32 + 32


def test_what_one_step_keeps_constant_another_updates(tmp_path: Path, prepared: Prepared) -> None:
    """The first step moves everything, also after the second, for which most of it is constant."""
    seen: list[bool] = []

    def look(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
        seen.append(all(p.requires_grad for p in (*model.parameters(), *critic.parameters())))
        return judge(model, critic, image)

    own = {"run": look, "update": ("critic", "model")}
    trained = plan(prepared, steps(own), epochs=1)
    fit(replace(trained, splits={"train": trained.splits["train"]}), tmp_path)
    assert len(seen) > 5
    assert all(seen)


def test_a_loss_that_does_not_depend_on_what_is_updated(tmp_path: Path, prepared: Prepared) -> None:
    def apart(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
        return critic(image).mean(), {}, {}

    with pytest.raises(RunFailed) as raised:
        fit(plan(prepared, steps(forging={"run": apart})), tmp_path)
    assert raised.value.code.id == "E0706"
    assert raised.value.message == "`forge.loss` does not depend on what is updated"


def test_a_step_that_is_not_finite_is_named(tmp_path: Path, prepared: Prepared) -> None:
    def breaks(model: nn.Module, critic: nn.Module, image: torch.Tensor, **others: torch.Tensor):
        loss, terms, metrics = forge(model, critic, image)
        weight = model[0].weight
        return loss + torch.sqrt(weight.sum() - weight.sum().detach() - 1e-9).sum(), terms, metrics

    trained = plan(prepared, steps(forging={"run": breaks}))
    with pytest.raises(RunFailed) as raised:
        fit(trained, tmp_path)
    assert raised.value.code.id == "E0701"
    assert "`train.forge.loss` is NaN in step 2" in raised.value.message
    assert "the result of `sqrt`" in raised.value.message


@pytest.mark.parametrize(
    ("forging", "code", "field", "said"),
    [
        ({"settings": StepSettings(every=99)}, "E0713", "forge.every", "an epoch has 10 batches"),
        ({"update": ("criticc",)}, "E0711", "forge.update", "`criticc` names no parameter"),
        ({"update": ("model.9",)}, "E0711", "forge.update", "`model.9` names no parameter"),
        ({"update": ("critic.1", "*.2")}, "E0711", "forge.update", "`critic.1` names no parameter"),
        (
            {"schedule": CosineAnnealing(warmup=10)},
            "E0707",
            "forge.schedule",
            "warm-up of 10 steps",
        ),
    ],
)
def test_what_a_step_cannot_do_is_refused(
    tmp_path: Path, prepared: Prepared, forging: dict[str, Any], code: str, field: str, said: str
) -> None:
    with pytest.raises(Refusal) as raised:
        fit(plan(prepared, steps(forging=forging)), tmp_path)
    assert (raised.value.code.id, raised.value.field) == (code, field)
    assert said in raised.value.message
    assert not list(tmp_path.iterdir())


def test_an_update_of_what_is_frozen(tmp_path: Path, prepared: Prepared) -> None:
    with pytest.raises(Refusal) as raised:
        fit(plan(prepared, steps(), freeze=("critic",)), tmp_path)
    assert (raised.value.code.id, raised.value.field) == ("E0706", "judge.update")
    assert raised.value.message == "nothing of `critic` learns"


def test_smoke_of_several_steps(prepared: Prepared) -> None:
    lines = list(smoke(plan(prepared, steps(forging={"schedule": CosineAnnealing(warmup=5)}))))
    assert lines[-1] == "broken off and resumed: the same weights, bit for bit"
    assert any("val.forge.loss" in line for line in lines)


def test_groups_are_those_of_torch(tmp_path: Path, prepared: Prepared) -> None:
    groups = (
        GroupPlan("biases", ("*.bias",), Adam(lr=0.01)),
        GroupPlan("last", ("model.4.weight",), Adam(lr=0.001, weight_decay=0.1)),
    )
    own = {"optimizer": Adam(lr=0.01, weight_decay=0.3), "groups": groups}
    chosen = {"epochs": 2, "limit": 200, "seed": 7, "keep": None}
    splits = {"train": prepared.tensors()["train"]}
    whole = fit(digits.plan(prepared, step=own, settings=chosen, splits=splits), tmp_path / "whole")

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    model = digits.model()
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    optimizer = torch.optim.Adam(
        [
            {"params": [model[0].weight, model[2].weight]},
            {"params": biases, "weight_decay": 0.0},
            {"params": [model[4].weight], "lr": 0.001, "weight_decay": 0.1},
        ],
        lr=0.01,
        weight_decay=0.3,
        fused=True,
    )
    data = splits["train"]
    for epoch in (1, 2):
        for rows in epoch_order(200, 7, epoch).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(data["image"][rows]), data["label"][rows]).backward()
            optimizer.step()
    torch.set_num_threads(threads)
    weights = read(Checkpoints(whole.run / "checkpoints").present()[-1]).weights
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())

    breaking = Breaks(digits.step, {4, 11}, lambda: signal.raise_signal(signal.SIGTERM))
    again = digits.plan(prepared, step=own | {"run": breaking}, settings=chosen, splits=splits)
    for _ in range(3):
        with contextlib.suppress(Interrupted):
            result = fit(again, tmp_path / "broken", resume=True)
    assert digest(result.run) == digest(whole.run)


@pytest.mark.parametrize(
    ("groups", "code", "field", "said"),
    [
        ({"a": ("*.bias",), "b": ("model.0",)}, "E0714", "b", "`model.0.bias` is in the groups"),
        ({"a": ("*.bais",)}, "E0711", "a", "`*.bais` names no parameter"),
    ],
)
def test_groups_that_cannot_be(
    tmp_path: Path,
    prepared: Prepared,
    groups: dict[str, tuple[str, ...]],
    code: str,
    field: str,
    said: str,
) -> None:
    plans = tuple(GroupPlan(name, names, Adam(lr=0.5)) for name, names in groups.items())
    with pytest.raises(Refusal) as raised:
        fit(digits.plan(prepared, step={"groups": plans}), tmp_path)
    assert (raised.value.code.id, raised.value.field) == (code, field)
    assert said in raised.value.message
