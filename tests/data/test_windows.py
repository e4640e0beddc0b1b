"""Sources that are piped into sources: windows of rows, and rows that are drawn by a weight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from specc.compiler import Request
from specc.components import Refusal
from specc.data import DataPlan, Prepared, prepare
from specc.diagnostics import SpecError
from specc.planning import plan_file
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.npy import Npy
from specc.stdlib.sources.splits import Splits
from specc.stdlib.sources.windows import Windows
from specc.stdlib.splits.by_hash import ByHash
from specc.stdlib.splits.fractions import Fractions
from specc.stdlib.splits.in_order import InOrder
from specc.training.feed import epoch_order
from specc.training.fit import fit
from tests.data.test_prepare import field
from tests.training.test_resume import broken, digest, pull

ROWS = 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [f"{i},{i % 7},{'ab'[i >= 30]},{0 if i % 2 else i % 3}\n" for i in range(ROWS)]
    (tmp_path / "x.csv").write_text("t,v,kind,w\n" + "".join(lines))
    return tmp_path


T = field("t", "t", type="int[5]")


def windowed(folder: Path, source: Windows, split: object = None, **given: bool) -> Prepared:
    return prepare(DataPlan("P", source, split, (T,)), folder, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("stride", [1, 3, 8])
def test_every_window_by_hand(folder: Path, stride: int) -> None:
    source = Windows(length=5, stride=stride, source=Csv(path="x.csv"))
    found = windowed(folder, source).splits["train"]["t"]
    expected = [list(range(i, i + 5)) for i in range(0, ROWS - 4, stride)]
    assert found.tolist() == expected
    assert str(source.describe(folder).fields["v"]) == "int[5]"
    assert source.where(folder, 2) == f"x.csv:{2 + 2 * stride}"


def test_windows_across_an_edge_are_in_no_split(folder: Path) -> None:
    source = Windows(length=5, source=Csv(path="x.csv"))
    for split, edges in (
        (InOrder(val=0.2, test=0.2), {"train": (0, 30), "val": (30, 40), "test": (40, 50)}),
        (ByHash(column="kind", val=0.6, seed=4), None),
    ):
        done = windowed(folder, source, split)
        seen: set[int] = set()
        for name, rows in done.splits.items():
            values = rows["t"]
            assert (np.diff(values, axis=1) == 1).all()
            assert not seen & set(values.ravel().tolist())
            seen |= set(values.ravel().tolist())
            if edges is not None:
                assert (values.min(), values.max() + 1) == edges[name]
            else:
                assert all((row < 30).all() or (row >= 30).all() for row in values)
    long = field("t", "t", type="int[20]")
    rows = Windows(length=20, source=Csv(path="x.csv"))
    plan = DataPlan("P", rows, Fractions(val=0.5, seed=1), (long,))
    with pytest.raises(Refusal, match="the split `train` of `P` has no rows") as raised:
        prepare(plan, folder)
    assert "in_order" in (raised.value.help or "")


def test_a_skipped_row_takes_its_windows_with_it(folder: Path) -> None:
    text = (folder / "x.csv").read_text().splitlines()
    text[11] = "10,3,a"  # row 10 lacks a cell
    (folder / "x.csv").write_text("\n".join(text) + "\n")
    for stride in (1, 2):
        source = Windows(length=5, stride=stride, source=Csv(path="x.csv", bad_rows="skip"))
        done = windowed(folder, source)
        firsts = [i for i in range(0, ROWS - 4, stride) if not i <= 10 < i + 5]
        assert done.splits["train"]["t"][:, 0].tolist() == firsts
        assert done.where("train", len(firsts) - 1) == f"x.csv:{firsts[-1] + 2}"
        assert done.skipped == {"train": len(range(0, ROWS - 4, stride)) - len(firsts)}


def test_more_axes_and_sources_of_splits(folder: Path) -> None:
    np.save(folder / "n.npy", np.arange(24.0).reshape(8, 3))
    one = Windows(length=2, source=Npy(path="n.npy", name="n"))
    assert str(one.describe(folder).fields["n"]) == "float[2, 3]"
    assert one.describe(folder).rows == 7
    assert one.read(folder, ["n"])["n"][3].tolist() == [[9, 10, 11], [12, 13, 14]]
    both = Splits(train=Npy(path="n.npy", name="n"), test=Npy(path="n.npy", name="n"))
    assert set(Windows(length=2, source=both).parts()) == {"train", "test"}
    with pytest.raises(Refusal, match="8 rows have no window of 9"):
        Windows(length=9, source=one.source).describe(folder)


def test_rows_are_drawn_as_often_as_their_weights_say() -> None:
    weights = torch.tensor([0.0, 1.0, 3.0, 0.0, 4.0, 0.0], dtype=torch.float64).repeat(500)
    counts = torch.zeros(6)
    for epoch in range(10):
        order = epoch_order(len(weights), 1, epoch, weights)
        assert torch.equal(order, epoch_order(len(weights), 1, epoch, weights))
        counts += torch.bincount(order % 6, minlength=6)
    assert counts.sum() == 30_000
    assert (counts[[0, 3, 5]] == 0).all()
    shares = counts / counts.sum()
    assert (shares[[1, 2, 4]] - torch.tensor([1.0, 3.0, 4.0]) / 8).abs().max() < 0.015


SPEC = """nnspec 1

model Net {
  input x: float[B, 5]
  output y: float[B] = x |> linear(1) |> squeeze(1)
}

data Rows {
  source = csv("x.csv") SOURCE
  split = in_order(val=0.2)
  t = source.t |> standardize
  v = source.v |> to_float
}

train {
  data = Rows
  model = Net
  y = X |> model
  loss = (y, v) |> mse_loss
  optimizer = sgd(lr=0.01)
  epochs = 3
  batch = 4
}
"""


def planned(folder: Path, source: str, x: str, v: str = "v") -> Path:
    text = SPEC.replace("SOURCE", source).replace("X |>", f"{x} |>").replace("(y, v)", f"(y, {v})")
    (folder / "x.nnspec").write_text(text)
    return folder / "x.nnspec"


def test_windows_in_a_spec(folder: Path) -> None:
    spec = planned(folder, "|> windows(5)", "t", "v[:, -1]")
    assert plan_file(Request(str(spec))).plan.rows == {"train": 36, "val": 6}


def test_a_weighted_run_resumes_to_the_same_bits(folder: Path) -> None:
    spec = planned(folder, '|> weighted("w")', "(t |> unsqueeze(1) |> expand(B, 5))")
    plan = plan_file(Request(str(spec))).plan
    assert plan.weights is not None
    whole = fit(plan, folder / "whole")
    result = broken(plan, folder / "broken", {5, 14}, pull)
    assert digest(result.run) == digest(whole.run)


def test_a_weight_that_is_none(folder: Path) -> None:
    (folder / "x.csv").write_text("t,v,w\n" + "1,2,1\n" * 20 + "3,4,-1\n" + "1,2,1\n" * 20)
    spec = planned(folder, '|> weighted("w")', "(t |> unsqueeze(1) |> expand(B, 5))")
    with pytest.raises(SpecError, match=r"x.csv:22: `w` is -1, and rows are drawn by it"):
        plan_file(Request(str(spec)))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('|> weighted("kind")', "rows are drawn by one number each, `kind` is str"),
        ('|> weighted("weight")', "the source has no column `weight`"),
        ('|> weighted("w") |> windows(5)', "windows are made of rows as they stand"),
        ("|> standardize", "`standardize` takes no rows of a source"),
        ("|> windows", "`windows` needs `length`"),
        ("|> windows(0)", "length"),
    ],
)
def test_mistakes_have_a_place(folder: Path, source: str, message: str) -> None:
    spec = planned(folder, source, "t")
    with pytest.raises(SpecError) as raised:
        plan_file(Request(str(spec)))
    first = raised.value.diagnostics[0]
    assert message in first.message
    assert first.span.line == 9
