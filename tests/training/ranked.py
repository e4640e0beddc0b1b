"""Runs by several ranks, in children of this process; ``python -m tests.training.ranked WHAT``.

Each rank is forked from a parent that has imported everything, so that many runs are affordable.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from specc.components import Keep, Score
from specc.stdlib.accumulators import Classified
from specc.stdlib.optimizers.adamw import Adamw
from specc.stdlib.schedules.cosine_annealing import CosineAnnealing
from specc.stdlib.strategies.ddp import Ddp
from specc.stdlib.strategies.fsdp import Fsdp
from specc.training.contract import MetricPlan, StepPlan, TrainPlan
from specc.training.fit import fit
from specc.training.ranks import Ranks, settle
from specc.training.report import Report
from specc.training.settings import StepSettings
from tests.training import digits

STRATEGIES = {"ddp": Ddp, "fsdp": Fsdp}
FAILED = 9


class Blocks(nn.Module):
    """As the compiler emits a loop: a block repeated, and a weight that is used twice."""

    def __init__(self, width: int = 24, drop: float = 0.0) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.h = nn.ModuleList(nn.Linear(width, width) for _ in range(3))
        self.tied = nn.Linear(width, width, bias=False)
        self.again = nn.Linear(width, width, bias=False)
        self.again.weight = self.tied.weight
        self.unused = nn.Linear(3, 2)
        self.head = nn.Linear(width, 10)
        self.drop = drop

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem(image))
        for block in self.h:
            x = x + F.dropout(F.relu(block(x)), self.drop, self.training)
        return self.head(self.again(F.relu(self.tied(x))))


def step(model: nn.Module, image: torch.Tensor, label: torch.Tensor) -> Any:
    scores = model(image)
    loss = F.cross_entropy(scores, label)
    extra = scores.square().mean()
    shown = {"accuracy": (scores, label), "area": (scores, label)}
    return loss + 0.01 * extra, {"extra": extra}, shown


def area() -> Any:
    return Classified("MulticlassAUROC", "logits", 1, curve=True, num_classes=10)


def plan(
    strategy: str | None = None,
    drop: float = 0.0,
    run: Callable[..., Any] = step,
    **settings: Any,
) -> TrainPlan:
    """Two epochs of 45 rows in batches of 11, and 1 row at the end; accumulated, clipped,
    averaged, under a schedule."""
    chosen = {
        "epochs": 2,
        "batch": 11,
        "limit": 45,
        "accumulate": 3,
        "clip": 0.5,
        "ema": 0.8,
        "keep": Keep(metric=Score("val", "accuracy")),
        **settings,
    }
    given = {
        "run": run,
        "optimizer": Adamw(lr=1e-2),
        "schedule": CosineAnnealing(by="step", warmup=2),
        "terms": ("extra",),
        "metrics": {
            "accuracy": MetricPlan(digits.accuracy, "max"),
            "area": MetricPlan(area, "max", keeps_rows=True),
        },
    }
    return digits.plan(
        build=lambda: Blocks(drop=drop),
        settings=chosen,
        step=given,
        strategy=None if strategy is None else STRATEGIES[strategy](),
    )


class Duel(nn.Module):
    """What the compiler builds for two instances."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Blocks()
        self.critic = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))


def judge(model: nn.Module, critic: nn.Module, image: torch.Tensor, label: torch.Tensor) -> Any:
    real = critic(F.one_hot(label, 10).float()).squeeze(1)
    drawn = critic(model(image).softmax(1)).squeeze(1)
    return (real - 1).square().mean() + drawn.square().mean(), {}, {}


def forge(model: nn.Module, critic: nn.Module, image: torch.Tensor, label: torch.Tensor) -> Any:
    return (critic(model(image).softmax(1)).squeeze(1) - 1).square().mean(), {}, {}


def duel(strategy: str | None = None) -> TrainPlan:
    """Two steps, each with its own weights, the first twice as often as the other."""
    adversary = digits.plan(build=Duel, settings={"epochs": 2, "batch": 11, "limit": 45})
    steps = (
        StepPlan(judge, Adamw(lr=1e-3), name="judge", update=("critic",)),
        StepPlan(forge, Adamw(lr=1e-3), name="forge", settings=StepSettings(every=2, accumulate=2)),
    )
    settings = adversary.settings.model_copy(update={"keep": None})
    return replace(
        adversary,
        steps=steps,
        settings=settings,
        instances=("model", "critic"),
        strategy=None if strategy is None else STRATEGIES[strategy](),
    )


def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Child:
    rank: int
    pid: int


def start(
    plan: TrainPlan,
    runs: Path,
    world: int,
    resume: bool = False,
    prepare: Callable[[int], None] = lambda rank: None,
) -> list[Child]:
    """Ranks that train in ``runs``; ``prepare`` is called in each before it does."""
    number = port()
    children = []
    for rank in range(world):
        pid = os.fork()
        if pid:
            children.append(Child(rank, pid))
            continue
        status = FAILED
        try:
            os.environ.update(
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                WORLD_SIZE=str(world),
                MASTER_ADDR="127.0.0.1",
                MASTER_PORT=str(number),
                TORCH_CPP_LOG_LEVEL="ERROR",
            )
            prepare(rank)
            status = train(plan, runs, resume)
        finally:
            os._exit(status)
    return children


def train(plan: TrainPlan, runs: Path, resume: bool) -> int:
    """What a rank does; says on stderr what a command would, in a line."""
    ranks = Ranks.join()
    try:
        fit(plan, runs, Says() if ranks.first else None, resume=resume, ranks=ranks)
    except BaseException as error:  # noqa: BLE001 - as the command does
        found = error

        def tell() -> int:
            print(f"{type(found).__name__}: {found}", file=sys.stderr, flush=True)
            return getattr(found, "status", FAILED)

        return settle(error, tell)
    return 0


class Says(Report):
    def note(self, text: str) -> None:
        print(f"note: {text}", file=sys.stderr, flush=True)


def ended(children: list[Child]) -> list[int]:
    """The exit statuses of the ranks; negative if they were killed."""
    return [os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) for child in children]


def trained(plan: TrainPlan, runs: Path, world: int, resume: bool = False) -> Path:
    """Train until the end; gives the folder of the run."""
    assert ended(start(plan, runs, world, resume)) == [0] * world
    return runs / "digits/1"


def apart(one: Path, other: Path) -> float:
    """The greatest difference of two runs' weights and scores."""
    found, wanted = (load_file(run / "weights.safetensors") for run in (one, other))
    assert found.keys() == wanted.keys()
    most = max(float((found[k].double() - wanted[k].double()).abs().max()) for k in wanted)
    lines, others = ((run / "metrics.jsonl").read_text().splitlines() for run in (one, other))
    for line, same in zip(map(json.loads, lines), map(json.loads, others), strict=True):
        assert line.keys() == same.keys()
        most = max([most, *(abs(line[key] - same[key]) for key in line)])
    return most


def pull(children: list[Child], rank: int, after: Path) -> list[int]:
    """Kill a rank once there is a checkpoint; gives how all of them ended."""
    until = time.monotonic() + 60
    while not list(after.glob("digits/1/checkpoints/0*")):
        assert time.monotonic() < until
        time.sleep(0.002)
    os.kill(children[rank].pid, signal.SIGKILL)
    return ended(children)


def ready() -> None:
    """Import what every child would import for itself."""
    torch.set_num_threads(1)
    for name in (
        "torch._dynamo",
        "torch.distributed.fsdp",
        "torch.distributed.tensor",
        "torchmetrics.classification",
        "specc.training.shards",
    ):
        importlib.import_module(name)


# --- what is compared ---------------------------------------------------------------------------


class Cases:
    """Each gives what its test looks at; runs of one plan in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def like_one(self, strategy: str) -> float:
        """One rank and two, with a last batch of one row."""
        one = trained(plan(), self.folder / "one", 1)
        return apart(trained(plan(strategy), self.folder / strategy, 2), one)

    def three(self, strategy: str) -> float:
        """Slices of 4, 4 and 3 rows."""
        one = trained(plan(), self.folder / "one", 1)
        return apart(trained(plan(strategy), self.folder / strategy, 3), one)

    def duel(self, strategy: str) -> float:
        """Two steps that share two instances."""
        one = trained(duel(), self.folder / "one", 1)
        return apart(trained(duel(strategy), self.folder / strategy, 2), one)

    def resumed(self, strategy: str, world: int = 2) -> list[Any]:
        """Broken off by a kill, in the middle of an epoch, and gone on: the files of the end."""
        made = plan(strategy, drop=0.3, save_steps=3)
        whole = trained(made, self.folder / f"whole-{strategy}", world)
        runs = self.folder / f"broken-{strategy}"
        statuses = pull(start(breaking(made, 7), runs, world), 1, runs)
        trained(made, runs, world, resume=True)
        return [statuses, difference(whole, runs / "digits/1")]

    def elsewhere(self, strategy: str, world: int, then: str | None, ranks: int) -> list[float]:
        """Begun by some ranks, ended by another number of them."""
        made = plan(strategy, save_steps=3)
        one = trained(plan(), self.folder / "one", 1)
        runs = self.folder / "moved"
        pull(start(breaking(made, 7), runs, world), world - 1, runs)
        done = json.loads(newest(runs).joinpath("checkpoint.json").read_text())["done"]
        return [done, apart(trained(plan(then), runs, ranks, resume=True), one)]


def breaking(made: TrainPlan, call: int) -> TrainPlan:
    """A plan whose step waits for its end in one of its calls."""
    calls = 0

    def run(*args: Any, **fields: Any) -> Any:
        nonlocal calls
        calls += args[0].training
        if calls == call * 3:
            time.sleep(60)
        return made.steps[0].run(*args, **fields)

    return replace(made, steps=(replace(made.steps[0], run=run),))


def newest(runs: Path) -> Path:
    return sorted(runs.glob("digits/1/checkpoints/0*"))[-1]


def difference(one: Path, other: Path) -> list[str]:
    """The files of two runs that are not the same, byte for byte."""
    names = ["metrics.jsonl", "weights.safetensors"]
    last = newest(one.parents[1]).relative_to(one)
    names += [str(last / path.name) for path in sorted((one / last).iterdir())]
    return [name for name in names if not same(one / name, other / name)]


def same(one: Path, other: Path) -> bool:
    """Byte for byte; of shards the tensors, as their headers have no certain order."""
    if one.name == "SHA256SUMS":
        return True
    if not one.name.startswith("shard-"):
        return one.read_bytes() == other.read_bytes()
    found, wanted = load_file(one), load_file(other)
    return found.keys() == wanted.keys() and all(
        torch.equal(found[key].reshape(-1).view(torch.uint8), value.reshape(-1).view(torch.uint8))
        for key, value in wanted.items()
    )


def main() -> None:
    """``ranked FOLDER CASE ARGUMENT...``, several of them apart by commas."""
    ready()
    folder = Path(sys.argv[1])
    for number, words in enumerate(" ".join(sys.argv[2:]).split(",")):
        name, *given = words.split()
        cases = Cases(folder / str(number))
        arguments = [json.loads(word) if word[0] in "0123456789n" else word for word in given]
        began = time.perf_counter()
        value = getattr(cases, name)(*arguments)
        seconds = round(time.perf_counter() - began, 2)
        print(json.dumps([words.strip(), value, seconds]), flush=True)


if __name__ == "__main__":
    main()
