"""Optimizers and schedules against torch's own signatures and values."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

import specc.stdlib.optimizers
import specc.stdlib.schedules
from specc.components import Optimizer, Refusal, Schedule, Score
from specc.stdlib.schedules.cosine_annealing import CosineAnnealing
from specc.stdlib.schedules.one_cycle import OneCycle
from specc.stdlib.schedules.reduce_on_plateau import ReduceOnPlateau
from specc.stdlib.schedules.step import Step
from specc.training.dotted import locate
from specc.training.rates import Rates, ticks
from tests.training import digits


def classes(package) -> dict[str, type]:
    names = [p.stem for p in Path(package.__path__[0]).glob("*.py") if p.stem != "__init__"]
    found = {}
    for name in sorted(names):
        module = importlib.import_module(f"{package.__name__}.{name}")
        found[name] = getattr(module, "".join(part.title() for part in name.split("_")))
    return found


OPTIMIZERS = classes(specc.stdlib.optimizers)
SCHEDULES = classes(specc.stdlib.schedules)

EXECUTION = {"foreach", "fused", "capturable", "differentiable", "params", "self"}


def test_all_of_torch_is_there() -> None:
    ours = {cls.target.rpartition(".")[2] for cls in OPTIMIZERS.values()}
    theirs = {
        name
        for name, cls in vars(torch.optim).items()
        if isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer)
    }
    assert theirs - ours == {"Optimizer", "LBFGS"}  # LBFGS calls the loss itself
    ours = {cls.target.rpartition(".")[2] for cls in SCHEDULES.values()}
    needs_code = {"LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler"}
    base = {"LRScheduler"}
    assert set(torch.optim.lr_scheduler.__all__) - ours == needs_code | base


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_arguments_of_torch(name: str) -> None:
    cls = OPTIMIZERS[name]
    theirs = inspect.signature(locate(cls.target)).parameters
    theirs = {k: p.default for k, p in theirs.items() if k not in EXECUTION}
    ours = {k: f.default for k, f in cls.model_fields.items()}
    assert ours == theirs
    given = [k for k in theirs if k != "maximize"]
    assert [k for k in ours if k != "maximize"] == given, "the order of positional arguments"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_steps(name: str) -> None:
    component: Optimizer = OPTIMIZERS[name]()
    weight = torch.nn.Parameter(torch.ones(4, 4))
    optimizer = locate(component.target)([weight], **component.arguments())
    weight.grad = torch.ones(4, 4)
    if name == "sparse_adam":
        weight.grad = weight.grad.to_sparse()
    optimizer.step()
    assert not torch.equal(weight, torch.ones(4, 4))
    assert weight.isfinite().all()
    for device in component.fused_on:
        if device == "cpu":
            locate(component.target)([weight], fused=True)


def test_nonsense_is_refused() -> None:
    adam = OPTIMIZERS["adam"]
    for wrong in ({"lr": -1.0}, {"lr": True}, {"lr": "1"}, {"betas": [0.9]}, {"betas": [1.0, 0.9]}):
        with pytest.raises(ValidationError):
            adam(**wrong)
    assert adam(betas=[0.5, 0.999]).betas == (0.5, 0.999)
    assert adam(lr=1).lr == 1.0


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_the_arguments_of_torch(name: str) -> None:
    cls = SCHEDULES[name]
    left_out = {"self", "optimizer", "last_epoch", "epochs", "steps_per_epoch", "scale_fn"}
    left_out |= {"scale_mode"}
    theirs = inspect.signature(locate(cls.target)).parameters
    theirs = {k: p.default for k, p in theirs.items() if k not in left_out}
    ours = {k: f.default for k, f in cls.model_fields.items()}
    assert list(ours)[-2:] == ["by", "warmup"], "by keyword alone"
    del ours["by"], ours["warmup"]
    if name == "reduce_on_plateau":
        assert list(ours)[:2] == ["metric", "mode"]
        ours = {
            "mode": theirs["mode"],
            **{k: v for k, v in ours.items() if k not in ("metric", "mode")},
        }
    assert list(ours) == list(theirs)
    for key, default in theirs.items():
        if default is inspect.Parameter.empty:
            assert key == "T_max" or cls.model_fields[key].is_required()
        else:
            assert ours[key] == default


EXAMPLES = {
    "constant": {},
    "linear": {},
    "exponential": {"gamma": 0.9},
    "step": {"step_size": 2},
    "multi_step": {"milestones": [2, 4]},
    "polynomial": {},
    "cosine_annealing": {"T_max": 4},
    "cosine_annealing_warm_restarts": {"T_0": 3},
    "one_cycle": {"max_lr": 0.5},
    "cyclic": {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 7},
}


def rates(component: Schedule, epochs: int, per_epoch: int) -> list[float]:
    """The learning rate of each step."""
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=0.4, momentum=0.9)
    rows = {"image": torch.zeros(per_epoch, 64), "label": torch.zeros(per_epoch)}
    prepared = digits.plan(
        splits={"train": rows, "val": rows},
        step={"schedule": component},
        settings={"epochs": epochs, "batch": 1},
    )
    moved = Rates(prepared, prepared.steps[0], optimizer)
    seen = []
    for _ in range(epochs):
        for _ in range(per_epoch):
            seen.append(moved.current)
            optimizer.step()
            moved.after_step()
        moved.after_epoch({"val.loss": 1.0})
    return seen


@pytest.mark.parametrize("by", ["step", "epoch"])
@pytest.mark.parametrize("warmup", [0, 3, 10])
@pytest.mark.parametrize("name", EXAMPLES)
def test_rates_are_those_of_torch_after_the_warm_up(name: str, warmup: int, by: str) -> None:
    component = SCHEDULES[name](**EXAMPLES[name], warmup=warmup, by=by)
    seen = rates(component, epochs=6, per_epoch=5)

    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=0.4, momentum=0.9)
    ticking = 30 - warmup if by == "step" else 6 - warmup // 5
    arguments = dict(EXAMPLES[name])
    if name == "one_cycle":
        arguments["total_steps"] = ticking
    torch_schedule = locate(component.target)(optimizer, **arguments)
    start = optimizer.param_groups[0]["lr"]
    wanted = [start * ((step + 1) / (warmup + 1)) for step in range(warmup)]
    for step in range(warmup, 30):
        wanted.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if by == "step" or (step + 1) % 5 == 0:
            torch_schedule.step()
    assert seen == wanted


def test_the_whole_run_is_the_default_length() -> None:
    assert CosineAnnealing().arguments(120) == {"T_max": 120, "eta_min": 0.0}
    assert OneCycle(max_lr=0.1).arguments(120)["total_steps"] == 120
    with pytest.raises(Refusal):
        OneCycle(max_lr=0.1, total_steps=100).arguments(120)
    final = rates(CosineAnnealing(warmup=4), epochs=4, per_epoch=5)
    assert final[4] == 0.4
    assert final[-1] < 0.01


def test_a_plateau_lowers_the_rate() -> None:
    schedule = ReduceOnPlateau(metric=Score("val", "loss"), patience=1, warmup=2)
    seen = rates(schedule, epochs=5, per_epoch=4)
    assert seen[:2] == [0.4 * (1 / 3), 0.4 * (2 / 3)]
    assert seen[2:12] == [0.4] * 10
    assert seen[12:] == pytest.approx([0.04] * 8)


def test_a_schedule_counts_epochs_that_begin_after_the_warm_up() -> None:
    plan = digits.plan(
        splits={"train": {"image": torch.zeros(50, 64), "label": torch.zeros(50)}},
        step={"schedule": Step(step_size=1, warmup=12)},
        settings={"epochs": 6, "batch": 10, "keep": None},
    )
    assert ticks(plan, plan.steps[0]) == 4
