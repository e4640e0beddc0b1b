"""``specc predict``: a finished run says of raw rows what its model says of prepared ones."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch

import specc
from specc.cli.main import run as run_command
from specc.diagnostics import SpecError
from specc.predicting import open_run

SPEC = """nnspec 1

model Net(classes: int) {
  input size: float[B, F]
  output scores: logits[B, classes] = size |> hidden: linear(8) |> relu |> head: linear(classes)
}

data Flowers {
  source = csv("flowers.csv")
  split  = fractions(test=0.2, seed=1)
  size   = source[["long", "wide"]] |> standardize
  kind   = source.kind |> categories
}

train {
  data   = Flowers
  model  = Net(kind.classes)
  scores = size |> model
  loss   = (scores, kind) |> cross_entropy
  output guess = scores |> argmax(dim=1) |> inverse(kind)
  output chances = scores |> softmax(dim=1)
  optimizer = adam(lr=0.05)
  epochs = 20
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its data and one finished run."""
    folder = tmp_path_factory.mktemp("flowers")
    generator = torch.Generator().manual_seed(0)
    with (folder / "flowers.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["long", "wide", "kind"])
        for row in torch.rand(90, 2, generator=generator).tolist():
            kind = "rose" if row[0] > 0.6 else "lily" if row[1] > 0.5 else "iris"
            writer.writerow([10 * row[0], 3 * row[1], kind])
    (folder / "flowers.nnspec").write_text(SPEC)
    specc.train(folder / "flowers.nnspec", runs=folder / "runs")
    return folder


def test_it_says_what_the_model_says_of_prepared_rows(folder: Path) -> None:
    run = open_run(folder / "runs/flowers/1")
    with (folder / "flowers.csv").open() as file:
        rows = list(csv.DictReader(file))
    raw = torch.tensor([[float(row["long"]), float(row["wide"])] for row in rows])
    (state,) = run.fitted["size"]
    size = (raw - torch.tensor(state["mean"])) / torch.tensor(state["std"])
    with torch.no_grad():
        scores = run.model(size.float())
    predicted = specc.predict(folder / "runs/flowers/1", folder / "flowers.csv")
    kinds = run.fitted["kind"][0]["values"]
    assert [row["guess"] for row in predicted] == [kinds[k] for k in scores.argmax(1).tolist()]
    chances = torch.tensor([row["chances"] for row in predicted])
    torch.testing.assert_close(chances, scores.softmax(1), rtol=1e-4, atol=1e-5)


def test_the_run_needs_neither_the_spec_nor_the_data_it_came_from(
    folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for file in (folder / "runs/flowers/1").iterdir():
        if file.is_file():
            (moved / file.name).write_bytes(file.read_bytes())
    rows = tmp_path / "new.csv"
    rows.write_text("wide,long\n0.1,9.9\n2.9,0.5\n")  # other columns, in another order, suffice
    assert [row["guess"] for row in specc.predict(moved, rows)] == ["rose", "lily"]


def test_the_command_writes_json_lines_or_csv(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "new.csv"
    rows.write_text("long,wide\n9.9,0.1\n")
    run = str(folder / "runs/flowers/1")
    assert run_command(["predict", run, str(rows)]) == 0
    assert capsys.readouterr().out.startswith('{"guess": "rose", "chances": [')
    assert run_command(["predict", run, str(rows), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "guess,chances"


@pytest.mark.parametrize(
    ("text", "code"),
    [("long\n1.0\n", "E0604"), ("long,wide\n1.0,\n", "E0606"), ("long,wide\n1.0,many\n", "E0605")],
)
def test_a_wrong_file_is_a_diagnostic(folder: Path, tmp_path: Path, text: str, code: str) -> None:
    rows = tmp_path / "new.csv"
    rows.write_text(text)
    with pytest.raises(SpecError) as caught:
        specc.predict(folder / "runs/flowers/1", rows)
    assert caught.value.diagnostics[0].code.id == code


def test_a_run_without_outputs_says_so(folder: Path, tmp_path: Path) -> None:
    lines = [line for line in SPEC.splitlines() if not line.startswith("  output ")]
    body = "\n".join(lines).replace(
        "  input size: float[B, F]",
        "  input size: float[B, F]\n"
        "  output scores: logits[B, classes] = size |> head: linear(classes)",
    )
    (folder / "mute.nnspec").write_text(body)
    specc.train(folder / "mute.nnspec", "train.epochs=1", runs=tmp_path)
    with pytest.raises(SpecError) as caught:
        specc.predict(tmp_path / "mute/1", folder / "flowers.csv")
    assert caught.value.diagnostics[0].code.id == "E0759"


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        specc.predict(tmp_path, tmp_path / "rows.csv")
    assert caught.value.diagnostics[0].code.id == "E0630"
