"""report.html against metrics.jsonl, and against predictions that were made by hand."""

from __future__ import annotations

import base64
import csv
import json
import re
import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import specc
from specc.api import train_planned, write_report
from specc.cli.main import run as run_command
from specc.compiler import Request
from specc.planning import plan_file, plan_run
from specc.registry import PluginOptions
from specc.reporting import judged
from specc.reporting.standing import standing
from specc.training.errors import FileRefused
from specc.training.fit import fit
from specc.training.report import Report
from tests.reporting.reading import Node, read
from tests.training.test_resume import broken, pull

SPECS = Path(__file__).resolve().parents[2] / "specs"

HOSTILE = """nnspec 1

model Net(vocabulary: int, classes: int) {
  input size: float[B, 2]
  input words: ids(vocabulary)[B, T]
  input seen: mask[B, T]
  x = (words |> embed: embedding(vocabulary, 4), mask=seen) |> masked_mean
  output scores: logits[B, classes] = [x, size] |> concat(dim=1) |> head: linear(classes)
}

data Rows {
  source = csv("rows.csv")
  split  = fractions(val=0.2, test=0.3, seed=1)
  size   = source[["long", "</td><script>alert(1)</script>"]] |> standardize
  words  = source.text |> split_words |> vocabulary
  kind   = source.kind |> categories
}

train {
  data   = Rows
  model  = Net(words.vocab, kind.classes)
  scores = (size, words, words.mask) |> model
  loss   = (scores, kind) |> cross_entropy
  metric accuracy = (scores, kind) |> accuracy
  output guess = scores |> argmax(dim=1) |> inverse(kind)
  optimizer = adam(lr=0.05)
  epochs = 2
  batch = 16
}
"""
NAMES = ["<script>alert('x')</script>", '" onload="alert(2)', "a & b", "\u202eright to left"]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on the digits."""
    project = tmp_path_factory.mktemp("digits")
    (project / "data").mkdir()
    shutil.copy(SPECS / "digits_mlp.nnspec", project)
    shutil.copy(SPECS / "data/digits.csv", project / "data")
    result = specc.train(project / "digits_mlp.nnspec", "train.epochs=4", runs=project / "runs")
    return result.run


@pytest.fixture(scope="module")
def page(digits: Path) -> Node:
    return read((digits / "report.html").read_text(encoding="utf-8"))


def by_hand(run: Path) -> tuple[torch.Tensor, torch.Tensor, list[int]]:
    """Scores and labels of the test rows by torch alone, and the lines of the file they are in."""
    plan = plan_run(run)
    state = load_file(run / "weights.safetensors")
    split = plan.prepared.splits["test"]
    x = torch.from_numpy(split["image"])
    for layer in ("fc1", "fc2"):
        x = (x @ state[f"{layer}.weight"].T + state[f"{layer}.bias"]).relu()
    scores = x @ state["head.weight"].T + state["head.bias"]
    lines = [int(plan.prepared.where("test", row).rpartition(":")[2]) for row in range(len(x))]
    return scores, torch.from_numpy(split["label"]), lines


def test_curves_are_the_metrics(digits: Path, page: Node) -> None:
    records = [json.loads(line) for line in (digits / "metrics.jsonl").read_text().splitlines()]
    curves = {f.all("strong")[0].text: f for f in page.section("Curves").all("figure")}
    assert list(curves) == ["loss", "accuracy", "lr"]
    for name in ("loss", "accuracy"):
        said = [t.text for t in curves[name].all("title")]
        for split in ("train", "val"):
            wanted = [
                f"{split}, epoch {r['epoch']}: {r[f'{split}.{name}']:.4g}"
                for r in records
                if f"{split}.{name}" in r
            ]
            assert [each for each in said if each.startswith(f"{split}, ")] == wanted
        value = records[-1][f"test.{name}"]
        assert any(each.endswith(f": {value:.4g}") for each in said if each.startswith("test"))
    # The points of a line stand where its values say: higher values, smaller y.
    (line,) = curves["accuracy"].all("polyline", "val")
    heights = [float(p.split(",")[1]) for p in (line.attributes["points"] or "").split()]
    values = [r["val.accuracy"] for r in records if "val.accuracy" in r]
    assert np.argsort(heights).tolist() == np.argsort([-v for v in values], kind="stable").tolist()
    result = json.loads((digits / "result.json").read_text())["metrics"]
    tiles = {t.all("span")[0].text: t.all("b")[0].text for t in page.all("div", "tile")}
    assert tiles["test accuracy"] == f"{result['test.accuracy']:.4g}"
    assert tiles["test loss"] == f"{result['test.loss']:.4g}"


def test_the_confusion_matrix_is_that_of_predictions_by_hand(digits: Path, page: Node) -> None:
    scores, labels, _ = by_hand(digits)
    counts = torch.zeros(10, 10, dtype=torch.int64)
    for right, predicted in zip(labels.tolist(), scores.argmax(1).tolist(), strict=True):
        counts[right, predicted] += 1
    (table,) = page.all("table", "confusion")
    rows = table.all("tbody")[0].all("tr")
    assert [row.all("th")[0].text for row in rows] == [str(digit) for digit in range(10)]
    shown = [[int(cell.text or 0) for cell in row.all("td")[:-1]] for row in rows]
    assert shown == counts.tolist()
    assert [row.all("td")[-1].text for row in rows] == [
        f"{int(counts[k, k]) / int(counts[k].sum()):.0%}" for k in range(10)
    ]


def test_the_worst_rows_are_those_of_an_own_forward_pass(digits: Path, page: Node) -> None:
    scores, labels, lines = by_hand(digits)
    losses = F.cross_entropy(scores, labels, reduction="none")
    worst = losses.argsort(descending=True)[:12].tolist()
    cards = page.section("Worst").all("figure", "example")
    assert [c.all("span")[0].text for c in cards] == [f"data/digits.csv:{lines[k]}" for k in worst]
    with (digits.parents[2] / "data/digits.csv").open() as file:
        written = list(csv.reader(file))
    for card, row in zip(cards, worst, strict=True):
        assert card.all("b")[0].text == f"loss {losses[row]:.4g}"
        names = [each.text for each in card.all("dt")]
        values = dict(zip(names, card.all("dd"), strict=True))
        assert names == ["image", "label", "predicted"]  # the output `digit` is what is predicted
        assert values["label"].text == written[lines[row] - 1][-1] == str(int(labels[row]))
        assert values["predicted"].text == str(int(scores[row].argmax()))
        assert values["predicted"].has("wrong") == (scores[row].argmax() != labels[row])


def test_the_model_the_plan_and_the_environment(digits: Path, page: Node) -> None:
    model = page.section("Model")
    rows = {r.all("td")[0].text: r for r in model.all("tbody")[0].all("tr")}
    assert [c.text for c in rows["fc1"].all("td")] == [
        "fc1",
        "linear",
        "float[B, 128]",
        "8,320",
        "16,384",
    ]
    assert "26,122" in model.all("tfoot")[0].text
    (graph,) = model.all("svg", "graph")
    assert "head: linear" in graph.text
    plan = {r.all("td")[0].text: r.all("td") for r in page.section("Plan").all("tr")[1:]}
    assert (plan["train.epochs"][1].text, plan["train.epochs"][2].text) == ("4", "command line")
    assert plan["train.batch"][1].text == "64"
    assert re.fullmatch(r"spec *digits_mlp\.nnspec:\d+", plan["train.batch"][2].text)
    told = json.loads((digits / "plan.json").read_text())
    assert plan["execution.threads"][1].text == str(told["execution"]["threads"])
    environment = page.section("Environment").text
    assert torch.__version__ in environment
    assert told["machine"]["system"] in environment


def test_nothing_is_fetched_and_nothing_can_run(digits: Path, page: Node) -> None:
    text = (digits / "report.html").read_text(encoding="utf-8")
    addresses = [
        value
        for node in page.all()
        for name, value in node.attributes.items()
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
    ]
    assert addresses
    assert all(re.match(r"#|data:image/png;base64,", each or "") for each in addresses)
    outside = re.sub(r'xmlns="http://www\.w3\.org/2000/svg"', "", text)
    assert "http:" not in outside
    assert "https:" not in outside
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert not page.all("script")
    assert not [n for node in page.all() for n in node.attributes if n.startswith("on")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose classes, columns and words would like to be markup."""
    project = tmp_path_factory.mktemp("hostile")
    generator = np.random.default_rng(0)
    with (project / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["long", "</td><script>alert(1)</script>", "text", "kind"])
        for row in range(60):
            long, wide = generator.random(2)
            writer.writerow([long, wide, "<img/src=x> <b>" * (1 + row % 3), NAMES[row % 4]])
    (project / "hostile.nnspec").write_text(HOSTILE)
    return specc.train(project / "hostile.nnspec", runs=project / "runs").run


def test_names_from_data_and_spec_are_text(hostile: Path) -> None:
    page = read((hostile / "report.html").read_text(encoding="utf-8"))
    assert not page.all("script")
    assert not [n for node in page.all() for n in node.attributes if n.startswith("on")]
    assert not page.all("img")
    (table,) = page.all("table", "confusion")
    shown = [row.all("th")[0].text for row in table.all("tbody")[0].all("tr")]
    assert sorted(shown) == sorted(name.replace("\u202e", "\ufffd") for name in NAMES)
    cards = page.section("Worst").all("figure", "example")
    assert any("<img/src=x> <b>" in card.text for card in cards)
    assert all("</td><script>alert(1)</script>" in card.text for card in cards)


def test_a_run_that_was_broken_off_and_resumed_has_one_curve(digits: Path, tmp_path: Path) -> None:
    plan = plan_run(digits).plan
    settings = plan.settings.model_copy(update={"save_steps": 7})
    runs = tmp_path / "runs"
    broken(replace(plan, settings=settings), runs, {15, 33, 50}, pull)
    run = runs / "digits_mlp/1"
    write_report(run)
    page = read((run / "report.html").read_text(encoding="utf-8"))
    curve = page.section("Curves").all("figure")[0]
    for split in ("train", "val"):
        (line,) = curve.all("polyline", split)
        epochs = [
            int(re.findall(r"epoch (\d+)", t.text)[0])
            for t in curve.all("title")
            if t.text.startswith(f"{split}, ")
        ]
        assert epochs == [1, 2, 3, 4]
        assert len((line.attributes["points"] or "").split()) == 4
    assert (run / "metrics.jsonl").read_text() == (digits / "metrics.jsonl").read_text()


def test_a_run_that_is_not_over_has_a_report_of_what_there_is(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Enough(Exception):
        pass

    class Until(Report):
        def epoch_ended(self, epoch: int, scores: object) -> None:
            if epoch == 3:
                raise Enough

    plan = plan_run(digits).plan
    settings = plan.settings.model_copy(update={"save_steps": 1})
    with pytest.raises(Enough):
        fit(replace(plan, settings=settings), tmp_path, Until())
    run = tmp_path / "digits_mlp/1"
    assert run_command(["report", str(run)]) == 0
    assert capsys.readouterr().out.strip() == str(run / "report.html")
    page = read((run / "report.html").read_text(encoding="utf-8"))
    assert page.all("span", "state")[0].text == "stopped"
    assert "3 of 4 epochs" in page.all("header")[0].text
    assert page.all("table", "confusion")
    shutil.rmtree(run / "checkpoints")
    with pytest.raises(FileRefused, match="has no weights yet"):
        write_report(run)


def test_residuals_are_in_the_units_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(SPECS / "linear_regression.nnspec", tmp_path)
    shutil.copy(SPECS / "data/diabetes.csv", tmp_path / "data")
    made = specc.train(tmp_path / "linear_regression.nnspec", "train.epochs=3", runs=tmp_path)
    planned = plan_run(made.run)
    found = judged.judged(planned, standing(made.run))
    (numbers,) = found.figures
    right, predicted = numbers.values()
    with (tmp_path / "data/diabetes.csv").open() as file:
        target = [float(row["target"]) for row in csv.DictReader(file)]
    places = [planned.prepared.where("test", row) for row in range(found.rows)]
    lines = [int(place.rpartition(":")[2]) for place in places]
    np.testing.assert_allclose(right, [target[line - 2] for line in lines], rtol=1e-5)
    state = load_file(made.run / "weights.safetensors")
    x = torch.from_numpy(planned.prepared.splits["test"]["measurements"])
    z = (x @ state["linear.weight"].T + state["linear.bias"]).squeeze(1)
    train = np.array(
        [
            target[int(planned.prepared.where("train", row).rpartition(":")[2]) - 2]
            for row in range(planned.prepared.rows["train"])
        ]
    )
    np.testing.assert_allclose(predicted, z.numpy() * train.std() + train.mean(), rtol=1e-3)
    page = read((made.run / "report.html").read_text(encoding="utf-8"))
    section = page.section("Predictions")
    assert f"mean absolute error {np.abs(predicted - right).mean():.4g}" in section.text
    assert len(section.all("g", "cloud")[0].all("circle")) == found.rows
    cards = page.section("Worst").all("figure", "example")
    assert "age " in cards[0].text
    assert "bmi " in cards[0].text


IMAGES = """nnspec 1

model Copy {
  input image: float[B, F]
  output made: float[B, F] = image |> small: linear(6) |> relu |> back: linear(F)
}

data Pictures {
  source = npz("pictures.npz")
  split = fractions(test=0.25, seed=1)
  image = source.image |> to_float |> flatten
}

train {
  data = Pictures
  model = Copy
  made = image |> model
  loss = (made, image) |> mse_loss
  optimizer = adam(lr=0.01)
  epochs = 1
}
"""


def test_images_are_drawn(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (40, 3, 9, 7), np.uint8)
    np.savez(tmp_path / "pictures.npz", image=pictures)
    (tmp_path / "pictures.nnspec").write_text(IMAGES.replace("F]", "189]").replace("(F)", "(189)"))
    made = specc.train(tmp_path / "pictures.nnspec", runs=tmp_path / "runs")
    page = read((made.run / "report.html").read_text(encoding="utf-8"))
    cards = page.section("Worst").all("figure", "example")
    planned = plan_run(made.run)
    for card in cards:
        raw, predicted = card.all("img")
        assert predicted.attributes["alt"] == "predicted, 7 by 9 pixels"
        row = int(re.findall(r"\[(\d+)\]", card.all("span")[0].text)[0])
        np.testing.assert_array_equal(pixels(raw), np.moveaxis(pictures[row], 0, -1))
    assert planned.prepared.rows["test"] == 10


def pixels(image: Node) -> np.ndarray:
    """The pixels of an embedded PNG of bytes without filters, by its chunks."""
    data = base64.b64decode((image.attributes["src"] or "").partition(",")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == int.from_bytes(
            data[at + 8 + size : at + 12 + size], "big"
        )
        chunks[kind] = body
        at += 12 + size
    width, height = (int.from_bytes(chunks[b"IHDR"][k : k + 4], "big") for k in (0, 4))
    channels = {0: 1, 2: 3, 6: 4}[chunks[b"IHDR"][9]]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(height, width, channels)


PLUGIN = """
from specc.components import Metric, Residuals
from specc.registry import hookimpl

specc_api = 1


class Distance(Metric):
    '''The mean distance, a stranger's metric.'''

    signature = "predicted: float[...], target: float[...] -> float[]"

    def lower(self, site):
        return site.module("torchmetrics.regression.MeanAbsoluteError")

    def figure(self, site):
        return Residuals(site.tensor("predicted"), site.tensor("target"))


@hookimpl
def specc_components():
    yield Distance
"""


def test_a_strangers_component_offers_a_figure_as_ours_do(tmp_path: Path) -> None:
    (tmp_path / "distance.py").write_text(PLUGIN)
    (tmp_path / "data").mkdir()
    shutil.copy(SPECS / "data/diabetes.csv", tmp_path / "data")
    text = (SPECS / "linear_regression.nnspec").read_text()
    text = text.replace("  metric r2 =", "  twice = 2.0 * predicted\n  metric r2 =")
    text = text.replace(
        "  metric mae = (predicted, progression) |> mae",
        "  metric off = (twice, progression) |> distance",
    )
    (tmp_path / "net.nnspec").write_text(text)
    options = PluginOptions(files=(tmp_path / "distance.py",))
    planned = plan_file(Request(str(tmp_path / "net.nnspec"), ["train.epochs=1"], options))
    made = train_planned(planned, tmp_path / "runs")
    found = judged.judged(planned, standing(made.run))
    ours, theirs = (figure.values() for figure in found.figures)
    np.testing.assert_array_equal(ours[0], theirs[0])
    (state,) = planned.prepared.fitted["progression"]
    mean = state["mean"][0] if isinstance(state["mean"], list) else state["mean"]
    np.testing.assert_allclose(2.0 * (ours[1] - mean), theirs[1] - mean, rtol=1e-3, atol=1e-3)


def test_losses_of_rows_where_torch_cannot_take_them_at_once(digits: Path) -> None:
    """An operation that looks at values has no rule for many rows: they are taken one by one."""
    planned = plan_run(digits)
    at = standing(digits)
    whole = judged.judged(planned, at)
    (step,) = planned.plan.steps

    def looks(model: torch.nn.Module, **fields: torch.Tensor):
        loss, *rest = step.run(model, **fields)
        return (loss if loss.item() > -1.0 else -loss), *rest

    steps = (replace(step, run=looks),)
    one_by_one = judged.judged(replace(planned, plan=replace(planned.plan, steps=steps)), at)
    assert [e.place for e in one_by_one.examples] == [e.place for e in whole.examples]
    for one, other in zip(one_by_one.examples, whole.examples, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-5)


def test_a_section_of_steps_and_several_models(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(SPECS / "digits_gan.nnspec", tmp_path)
    shutil.copy(SPECS / "data/digits.csv", tmp_path / "data")
    made = specc.train(
        tmp_path / "digits_gan.nnspec", "train.epochs=1", "train.limit=64", runs=tmp_path / "runs"
    )
    page = read((made.run / "report.html").read_text(encoding="utf-8"))
    curves = [f.all("strong")[0].text for f in page.section("Curves").all("figure")]
    assert curves[:4] == ["judge.loss", "judge.on_real", "judge.on_fake", "forge.loss"]
    assert curves[4:] == ["judge.lr", "forge.lr"]
    models = [div.all("strong")[0].text for div in page.section("Model").all("div", "model")]
    assert models == ["Generator", "Critic"]
    # Ones and zeros that the critic is to say are no truth to be held against.
    assert [s.all("h2")[0].text for s in page.all("section")][1] == "Worst examples"
    assert "highest judge.loss" in page.section("Worst").text
    marks = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(set(marks)) == len(marks)


def test_rows_that_are_streamed_are_shown_alike(digits: Path, tmp_path: Path) -> None:
    spec = digits.parents[2] / "digits_mlp.nnspec"
    made = specc.train(spec, "train.epochs=4", "train.resident=false", runs=tmp_path)
    pages = [read((run / "report.html").read_text(encoding="utf-8")) for run in (digits, made.run)]
    for title in ("Curves", "Predictions", "Worst"):
        one, other = (page.section(title) for page in pages)
        assert one.text == other.text
