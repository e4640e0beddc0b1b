"""Rows that are made when a batch asks for them are the rows that would lie in memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pytest
import torch

from specc.compiler import Request
from specc.components import Ragged, Refusal, Streamed
from specc.data import DataPlan, prepare
from specc.data import fields as in_memory
from specc.data.memory import total_memory
from specc.diagnostics import SpecError
from specc.planning import plan_file
from specc.stdlib.sources.arrow import Arrow
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.join import Join
from specc.stdlib.sources.npy import Npy
from specc.stdlib.splits.fractions import Fractions
from specc.stdlib.transforms.standardize import Standardize
from specc.training.ahead import Ahead
from specc.training.errors import RunFailed
from specc.training.feed import batches, by_length, epoch_order, lengths
from specc.training.fit import fit
from specc.training.identity import identity
from specc.training.placing import placed
from tests.data.test_prepare import field
from tests.data.test_resume import SPEC
from tests.training.test_resume import broken, digest, pull

ROWS = 90


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rows of `SPEC` as json lines, and as a table of Arrow in pieces of 16."""
    draw = random.Random(0)
    rows = []
    for number in range(ROWS):
        words = [draw.choice("abcdefgh") for _ in range(draw.randint(1, 9))]
        row = {"words": words, "tags": [str(word < "d") for word in words]}
        row |= {name: draw.random() for name in "abc"}
        if number % 30 == 7:
            row["b"] = None  # is skipped
        rows.append(row)
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = arrow.Table.from_pylist(rows)
    with arrow.ipc.new_file(tmp_path / "x.arrow", table.schema) as file:
        file.write_table(table, max_chunksize=16)
    (tmp_path / "json.nnspec").write_text(SPEC)
    mapped = SPEC.replace('json_lines("x.jsonl"', 'arrow("x.arrow"')
    (tmp_path / "arrow.nnspec").write_text(mapped)
    monkeypatch.setattr(in_memory, "PART_ROWS", 20)  # so that there are several
    return tmp_path


@pytest.mark.parametrize("kind", ["json", "arrow"])
def test_a_run_over_streamed_rows_has_the_bits_of_one_over_rows_in_memory(
    folder: Path, kind: str
) -> None:
    plans = [
        plan_file(Request(str(folder / f"{kind}.nnspec"), [f"train.resident={held}"])).plan
        for held in ("true", "false")
    ]
    resident, streamed = plans
    assert isinstance(resident.splits["train"]["words"], Ragged)
    assert isinstance(streamed.splits["train"]["words"], Streamed)
    assert streamed.fitted == resident.fitted
    assert streamed.description["skipped"] == resident.description["skipped"]
    assert identity(streamed) == identity(resident)
    whole = fit(resident, folder / "whole")
    result = broken(streamed, folder / "broken", {5, 31}, pull)
    assert digest(result.run) == digest(whole.run)
    assert result.metrics == whole.metrics


def test_batches_are_the_same_in_any_order_and_size(folder: Path) -> None:
    plans = [
        plan_file(Request(str(folder / "arrow.nnspec"), [f"train.resident={held}"])).plan
        for held in ("true", "false")
    ]
    for split in plans[0].splits:
        one, other = (plan.splits[split] for plan in plans)
        assert torch.equal(lengths(one), lengths(other))
        rows = plans[0].rows[split]
        order = by_length(epoch_order(rows, 3, 1), lengths(one), 4, 2)
        for size, chosen in ((1, order), (7, order[5:]), (7, None), (1000, order)):
            pairs = zip(batches(one, size, chosen), batches(other, size, chosen), strict=True)
            for a, b in pairs:
                assert list(a) == list(b)
                assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_bad_row_is_named_or_skipped_in_whatever_part_it_is(folder: Path) -> None:
    table = np.arange(60.0)
    table[[33, 59]] = np.nan
    (folder / "n.csv").write_text("x\n" + "".join(f"{x}\n" for x in table))
    plan = [field("x", "x", Standardize(), type="float[]")]
    with pytest.raises(Refusal, match=r"^n.csv:35: `x` is missing or not a number"):
        prepare(DataPlan("N", Csv(path="n.csv"), None, tuple(plan)), folder, resident=False)
    done = [
        prepare(
            DataPlan("N", Csv(path="n.csv", bad_rows="skip"), None, tuple(plan)), folder, resident
        )
        for resident in (True, False)
    ]
    assert done[0].skipped == done[1].skipped == {"train": 2}
    assert done[0].fitted == done[1].fitted


def test_rows_beside_each_other_stay_in_their_files(folder: Path) -> None:
    np.save(folder / "n.npy", np.arange(ROWS, dtype=np.float32))
    whole = Join(sources=[Arrow(path="x.arrow"), Npy(path="n.npy", name="n")])
    opened = whole.open(folder, ["a", "n"])
    assert opened is not None
    some = np.array([80, 3, 17])
    table, _ = opened
    assert table.take("n", some).tolist() == [80.0, 3.0, 17.0]
    assert table.take("a", some).tolist() == [whole.read(folder, ["a"])["a"][i] for i in some]


def test_the_estimate_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "n.csv").write_text("x\n" + "".join(f"{x}\n" for x in range(100)))
    plan = DataPlan(
        "N",
        Csv(path="n.csv"),
        Fractions(val=0.2),
        (field("x", "x", Standardize(), type="float[]"),),
    )
    assert prepare(plan, folder).holding.bytes == 400
    assert prepare(plan, folder).holding.memory == total_memory()
    monkeypatch.setattr("specc.data.memory.total_memory", lambda: 1600)
    assert str(prepare(plan, folder).holding) == "resident"
    monkeypatch.setattr("specc.data.memory.total_memory", lambda: 1599)
    held = prepare(plan, folder).holding
    assert str(held) == "streamed"
    assert held.reason == "400 bytes of rows, 1.6 kB of memory: resident up to a quarter of it"


def test_text_is_no_tensor_in_a_stream_either(folder: Path) -> None:
    text = SPEC.replace(" |> categories", "").replace("tags.classes", "2")
    (folder / "text.nnspec").write_text(text)
    with pytest.raises(SpecError):
        plan_file(Request(str(folder / "text.nnspec"), ["train.resident=false"]))


def test_rows_that_are_too_many_for_the_device_come_batch_by_batch(folder: Path) -> None:
    plan = plan_file(Request(str(folder / "json.nnspec"))).plan
    fields, rows = plan.splits["train"], plan.rows["train"]
    here = torch.device("cpu")
    assert isinstance(placed(fields, rows, here)["about"], torch.Tensor)
    waiting = placed(fields, rows, here, room=100)
    assert all(isinstance(column, Streamed) for column in waiting.values())
    order = epoch_order(rows, 0, 1)
    for a, b in zip(batches(fields, 8, order), batches(waiting, 8, order), strict=True):
        assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.gpu
@pytest.mark.parametrize("room", [None, 100])
def test_batches_on_a_gpu_are_those_on_the_cpu(folder: Path, room: int | None) -> None:
    plan = plan_file(Request(str(folder / "json.nnspec"))).plan
    fields, rows = plan.splits["train"], plan.rows["train"]
    there = placed(fields, rows, torch.device("cuda"), room)
    order = epoch_order(rows, 0, 1)
    pairs = zip(batches(fields, 8, order), batches(there, 8, order.cuda()), strict=True)
    for a, b in pairs:
        assert all(b[name].is_cuda and torch.equal(a[name], b[name].cpu()) for name in a)


# --- the thread --------------------------------------------------------------------------------


def test_what_goes_wrong_in_the_thread_is_raised_here() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("two")

    found = iter(Ahead(numbers()))
    assert next(found) == 1
    with pytest.raises(ValueError, match="two"):
        next(found)


def test_a_stuck_thread_ends_the_run() -> None:
    held = threading.Event()

    def stuck() -> Iterator[int]:
        held.wait()
        yield 1

    with pytest.raises(RunFailed, match=r"no rows came for 0\.05 seconds") as raised:
        next(iter(Ahead(stuck(), wait=0.05)))
    held.set()
    assert raised.value.code.id == "E0720"


def test_a_thread_ends_with_who_it_works_for() -> None:
    before = threading.active_count()
    found = iter(Ahead(iter(range(1000))))
    assert [next(found), next(found)] == [0, 1]
    found.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() == before


MEASURE = """
import re, threading, time
from pathlib import Path
from specc.compiler import Request
from specc.planning import plan_file
from specc.training.fit import fit

most, over = 0, threading.Event()

def look():
    global most
    while not over.is_set():
        # Without the pages of the mapped file, which are only there while nobody needs the room.
        status = Path("/proc/self/status").read_text()
        most = max(most, int(re.search(r"RssAnon:\\s+(\\d+)", status)[1]))
        time.sleep(0.005)

threading.Thread(target=look).start()
try:
    plan = plan_file(Request("m.nnspec", ["train.resident=false"])).plan
    fit(plan, Path("runs"))
finally:
    over.set()
print(most)
"""

WIDE = """nnspec 1

model Net {
  input x: float[B, 256]
  output y: float[B, 1] = x |> linear(1)
}

data Rows {
  source = npy("x.npy", name="x")
  x = source.x |> standardize
}

train {
  data = Rows
  model = Net
  loss = (x |> model) |> mean
  optimizer = sgd(lr=0.001)
  epochs = 1
  batch = 512
}
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    (tmp_path / "m.nnspec").write_text(WIDE)
    for rows in (50_000, 500_000):  # 51 MB and 512 MB
        table = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (rows, 256))
        for start in range(0, rows, 50_000):
            table[start : start + 50_000] = 1.0
        table.flush()
        del table
        run = [sys.executable, "-c", MEASURE]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] - peaks[0] < 60_000, peaks  # kB
