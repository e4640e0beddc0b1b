"""What a run costs against its rows and against the depth of its model, on the CPU.

    python benchmarks/scaling.py [--quick] [--json]

First table: rows of 16 floats and a class in a memory-mapped file of Arrow, streamed through a
small perceptron in batches of 256. Each size is prepared and trained for one epoch in a process of
its own: the seconds of the processor until the first step (importing torch among them), then its
microseconds for each row, and the most memory that the process had of its own, above that of the
smallest run (``RssAnon``: pages of the mapped file are not counted, as they go when anybody needs
the room).

Second table: perceptrons of 2 to 256 hidden layers of 64, one step on 32 rows; beside it the same
layers in a hand-written loop (forward, backward, fused Adam), in turn, by processor time.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import torch
import torch.nn.functional as F
from measuring import arguments, report, table

from specc.api import load, train_planned
from specc.compiler import Request
from specc.planning import plan_file
from specc.training.report import Report

ROWS = """nnspec 1

model Net(classes: int) {
  input x: float[B, 16]
  output scores: logits[B, classes] = x |> linear(32) |> relu |> linear(classes)
}

data Rows {
  source = arrow("rows.arrow")
  x = source.x |> standardize
  y = source.y |> categories
}

train {
  data = Rows
  model = Net(classes=y.classes)
  scores = x |> model
  loss = (scores, y) |> cross_entropy
  optimizer = adam(lr=1e-3)
  epochs = 1
  batch = 256
  resident = false
}
"""

DEPTH = """nnspec 1

model Net(depth: int) {
  input x: float[B, 64]
  h = x
  repeat depth {
    h = h |> linear(64) |> relu
  }
  output scores: logits[B, 10] = h |> linear(10)
}

data Rows {
  source = npz("rows.npz")
  x = source.x
  y: ids(10)[] = source.y
}

train {
  data = Rows
  model = Net(DEPTH)
  scores = x |> model
  loss = (scores, y) |> cross_entropy
  optimizer = adam(lr=1e-3)
  epochs = 2
  batch = 32
}
"""

PIECE = 100_000
"""Rows of a piece of the file."""


class Clock(Report):
    """The processor time when training begins, and at the end of each epoch."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def started(self, outline: object) -> None:
        self.marks.append(time.process_time())

    def epoch_ended(self, epoch: int, scores: object) -> None:
        self.marks.append(time.process_time())


def write_rows(path: Path, rows: int) -> None:
    import pyarrow as arrow

    numbers = np.random.default_rng(0)
    schema = arrow.schema([("x", arrow.list_(arrow.float32(), 16)), ("y", arrow.int64())])
    with arrow.ipc.new_file(path, schema) as file:
        for start in range(0, rows, PIECE):
            x = numbers.standard_normal((min(PIECE, rows - start), 16)).astype(np.float32)
            lists = arrow.FixedSizeListArray.from_arrays(arrow.array(x.reshape(-1)), 16)
            y = arrow.array((x[:, 0] > 0).astype(np.int64))
            file.write_batch(arrow.record_batch([lists, y], schema=schema))


def run_rows(folder: Path) -> None:
    """One run, in this process; prints what it cost."""
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            status = Path("/proc/self/status").read_text(encoding="ascii")
            most[0] = max(most[0], int(re.search(r"RssAnon:\s+(\d+)", status)[1]))  # type: ignore[index]

    threading.Thread(target=look, daemon=True).start()
    began, clock = time.process_time(), Clock()
    planned = plan_file(Request(str(folder / "rows.nnspec")))
    train_planned(planned, folder / "runs", device="cpu", report=clock)
    over.set()
    start, end = clock.marks
    print(json.dumps({"prepared": start - began, "trained": end - start, "memory": most[0] / 1000}))


def against_rows(folder: Path, sizes: list[int]) -> dict[int, dict[str, float]]:
    """For each number of rows: seconds to prepare, microseconds of a row, megabytes."""
    (folder / "rows.nnspec").write_text(ROWS)
    found: dict[int, dict[str, float]] = {}
    for rows in sizes:
        write_rows(folder / "rows.arrow", rows)
        run = [sys.executable, __file__, "--rows", str(folder)]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        cost = json.loads(done.stdout.splitlines()[-1])
        found[rows] = {
            "prepare": cost["prepared"],
            "train": cost["trained"] / rows * 1e6,
            "memory": cost["memory"],
        }
    least = min(cost["memory"] for cost in found.values())
    for cost in found.values():
        cost["memory"] -= least
    return found


def by_hand(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> Callable[[], float]:
    """An epoch of the loop that a person would write."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def epoch() -> float:
        model.train()
        began, total = time.process_time(), torch.zeros(())
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.detach()
        total.item()
        return time.process_time() - began

    return epoch


def against_depth(folder: Path, depths: list[int], rounds: int) -> dict[int, dict[str, float]]:
    """For each depth the microseconds of a step, by specc and by hand."""
    numbers, rows = np.random.default_rng(1), 1024
    x = numbers.standard_normal((rows, 64)).astype(np.float32)
    y = np.arange(rows) % 10
    np.savez(folder / "rows.npz", x=x, y=y)
    found: dict[int, dict[str, float]] = {}
    for depth in depths:
        spec = folder / f"depth{depth}.nnspec"
        spec.write_text(DEPTH.replace("DEPTH", str(depth)))
        planned = plan_file(Request(str(spec)))
        module = load(spec).model("Net", depth=depth)
        hand = by_hand(module, torch.from_numpy(x), torch.from_numpy(y))
        taken: dict[str, list[float]] = {"specc": [], "by hand": []}
        for number in range(rounds + 1):
            clock = Clock()
            train_planned(planned, folder / "runs", device="cpu", report=clock)
            spent = clock.marks[2] - clock.marks[1], hand()
            if number:
                for way, seconds in zip(taken, spent, strict=True):
                    taken[way].append(seconds)
        steps = rows // 32
        found[depth] = {w: statistics.median(times) / steps * 1e6 for w, times in taken.items()}
    return found


def main() -> None:
    options = arguments(__doc__ or "")
    torch.set_num_threads(1)
    sizes = [10**3, 10**4, 10**5] if options.quick else [10**3, 10**4, 10**5, 10**6, 10**7]
    depths = [2, 16] if options.quick else [2, 8, 32, 128, 256]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = against_rows(folder, sizes)
        depth = against_depth(folder, depths, 2 if options.quick else 5)
    tables = [
        table(
            "against rows, by processor time; memory above that of the smallest run",
            ["rows", "prepare (s)", "a row (us)", "memory (MB)"],
            [[f"{n:,}", *cost.values()] for n, cost in rows.items()],
        ),
        table(
            "against depth: microseconds of the processor for each step",
            ["layers", "specc", "by hand", "specc, a layer"],
            [[f"{n:,}", *cost.values(), cost["specc"] / n] for n, cost in depth.items()],
        ),
    ]
    report({"rows": rows, "depth": depth}, tables, options.json)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rows"]:
        run_rows(Path(sys.argv[2]))
    else:
        main()
