"""Training by specc against five other ways: steps per second, on the CPU.

    python benchmarks/training.py [--quick] [--json]

Each way trains the module that specc emits on the same rows, in turn, an epoch at a time; ratios
are those of medians: above 1, specc makes so many steps while the other makes one. With --json the
ratios are printed alone: ``{"mlp": {"script": 3.2, "lightning": 2.9, ...}, ...}``.

lightning, accelerate and trainer (of transformers) are left out where they are not installed:
``pip install -e '.[bench]'``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import torch
from contenders import OTHERS, Task, installed
from measuring import arguments, report, table

from specc.api import load, train_planned
from specc.compiler import Request
from specc.planning import plan_file
from specc.training.report import Report

SPEC = """nnspec 1

{model}

data Rows {{
  source = npz("rows.npz")
  x{type} = source.x
  y: ids(10)[] = source.y
}}

train {{
  data = Rows
  model = Net
  scores = x |> model
  loss = (scores, y) |> cross_entropy
  optimizer = adam(lr=1e-3)
  epochs = 2
  batch = {batch}
}}
"""

MODELS = {
    "mlp": """model Net {
  input x: float[B, 64]
  output scores: logits[B, 10] = x |> linear(64) |> relu |> linear(64) |> relu |> linear(10)
}""",
    "cnn": """model Net {
  input x: float[B, 1, 28, 28]
  output scores: logits[B, 10] = x
    |> conv2d(32, kernel_size=3, padding=1) |> relu |> max_pool2d(2)
    |> conv2d(64, kernel_size=3, padding=1) |> relu |> max_pool2d(2)
    |> flatten |> linear(10)
}""",
    "lstm": """model Net {
  input x: float[B, 20, 16]
  h = x |> lstm(64)
  output scores: logits[B, 10] = h.output[:, -1] |> linear(10)
}""",
    "transformer": """model Net {
  input x: ids(100)[B, 16]
  h = x |> embedding(100, 64) |> learned_positions(16)
  h = h |> transformer_encoder(4, 2, dim_feedforward=128, dropout=0.0)
  output scores: logits[B, 10] = h |> mean(1) |> linear(10)
}""",
}

SHAPES: dict[str, tuple[tuple[int, ...], int, int]] = {
    "mlp": ((64,), 32, 8192),
    "cnn": ((1, 28, 28), 64, 1024),
    "lstm": ((20, 16), 32, 2048),
    "transformer": ((16,), 32, 2048),
}
"""The shape of a row, the rows of a batch, the rows of an epoch."""


class Clock(Report):
    """When epochs end."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def epoch_ended(self, epoch: int, scores: Mapping[str, object]) -> None:
        self.marks.append(time.perf_counter())


def prepare(name: str, folder: Path, rows: int) -> tuple[Task, Callable[[], float]]:
    """The task, and an epoch of it by specc."""
    shape, batch, _ = SHAPES[name]
    numbers = np.random.default_rng(1)
    if name == "transformer":
        x = numbers.integers(0, 100, (rows, *shape))
    else:
        x = numbers.standard_normal((rows, *shape)).astype(np.float32)
    y = np.arange(rows) % 10
    folder.mkdir()
    np.savez(folder / "rows.npz", x=x, y=y)
    spec = folder / "net.nnspec"
    ids = ": ids(100)[16]" if name == "transformer" else ""
    spec.write_text(SPEC.format(model=MODELS[name], batch=batch, type=ids))
    planned = plan_file(Request(str(spec)))
    compiled = load(spec)

    def by_specc() -> float:
        clock = Clock()
        train_planned(planned, folder / "runs", device="cpu", report=clock)
        return clock.marks[1] - clock.marks[0]

    task = Task(lambda: compiled.model("Net"), torch.from_numpy(x), torch.from_numpy(y), batch)
    return task, by_specc


def measure(name: str, folder: Path, quick: bool) -> dict[str, float]:
    """Steps per second of each way."""
    rows = SHAPES[name][2] // (2 if quick else 1)
    task, by_specc = prepare(name, folder / name, rows)
    ways = {"specc": by_specc}
    for way, (make, package) in OTHERS.items():
        if installed(package):
            ways[way] = make(task)
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for number in range((3 if quick else 9) + 1):
        for way in ways if number % 2 else reversed(ways):
            spent = ways[way]()
            if number:  # the first round warms up
                taken[way].append(spent)
    steps = -(-rows // task.batch)
    return {way: steps / statistics.median(times) for way, times in taken.items()}


def main() -> None:
    options = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder:
        speeds = {name: measure(name, Path(folder), options.quick) for name in MODELS}
    ratios = {
        name: {way: round(of["specc"] / speed, 3) for way, speed in of.items() if way != "specc"}
        for name, of in speeds.items()
    }
    ways = list(next(iter(speeds.values())))
    tables = [
        table(
            "steps per second",
            ["", *ways],
            [[name, *(of[way] for way in ways)] for name, of in speeds.items()],
        ),
        table(
            "specc's over theirs",
            ["", *ways[1:]],
            [[name, *(of[way] for way in ways[1:])] for name, of in ratios.items()],
        ),
    ]
    missing = [way for way, (_, package) in OTHERS.items() if not installed(package)]
    if missing:
        tables.append(f"not installed: {', '.join(missing)}\n")
    report(ratios, tables, options.json)


if __name__ == "__main__":
    main()
