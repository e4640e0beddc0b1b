"""``specc show``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import specc
from specc.cli.main import run

SPECS = Path(__file__).parents[2] / "specs"

DIGITS = """\
DigitsMlp(hidden: int = 128, classes: int = 10)
  A perceptron with two hidden layers of equal width.

layer   component  output         parameters   FLOPs
image   input      float[B, 64]
fc1     linear     float[B, 128]       8,320  16,384
        relu       float[B, 128]
fc2     linear     float[B, 128]      16,512  32,768
        relu       float[B, 128]
head    linear     float[B, 10]        1,290   2,560
scores  output     logits[B, 10]
total                                 26,122  51,712

FLOPs: one forward pass over one row; a multiply-add of a matrix product or a convolution counts \
as two, everything else as nothing
"""

LOOPS = """\
nnspec 1

model Inner(width: int) {
  input x: float[B, D]
  output y = x |> linear(width) |> relu
}

model Net(n: int = 3) {
  input z: float[B, 7]
  x = z
  repeat n {
    repeat 2 {
      x = x |> a: linear(5) |> relu
    }
    x = x |> b: Inner(5)
  }
  shared c = linear(5)
  x = x |> c |> c
  for w in [8, 9] {
    x = x |> d: linear(w)
  }
  output y = x
}
"""


def test_the_table(capsys) -> None:
    assert run(["show", str(SPECS / "digits_mlp.nnspec")]) == 0
    assert capsys.readouterr().out == DIGITS


def rows(layers: list[dict]) -> list[dict]:
    return [row for layer in layers for row in (layer, *rows(layer["layers"]))]


@pytest.mark.parametrize(
    ("spec", "model", "sizes"),
    [
        ("resnet18", "ResNet18", {"H": 32, "W": 32}),
        ("gpt_small", "Gpt", {"vocabulary": 100, "T": 16}),
        ("lstm_classifier", "LstmClassifier", {"T": 20}),
        ("autoencoder", "Autoencoder", {}),
    ],
)
def test_the_numbers_are_those_of_the_module(spec, model, sizes, capsys) -> None:
    path = str(SPECS / f"{spec}.nnspec")
    options = [option for size in sizes.items() for option in ("--dim", "{}={}".format(*size))]
    assert run(["show", path, "--model", model, "--json", *options]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["models"]
    module = specc.load(path).model(model, **sizes)
    assert shown["parameters"] == sum(p.numel() for p in module.parameters())
    assert shown["flops"] > 0
    assert shown["notes"] == []
    tops = [row["parameters"] for row in shown["layers"] if row["paths"]]
    assert sum(tops) == shown["parameters"]
    for row in rows(shown["layers"]):
        for path in row["paths"]:
            module.get_submodule(path)


def test_an_lstm_is_counted_step_by_step(capsys) -> None:
    path = str(SPECS / "lstm_classifier.nnspec")
    assert run(["show", path, "--dim", "T=20", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["models"]
    gates = 4 * 256 * (100 + 256) + 4 * 256 * (256 + 256)
    assert shown["flops"] == 20 * 2 * gates + 2 * 256 * 10


def test_loops_are_joined_and_their_numbers_added(tmp_path: Path, capsys) -> None:
    file = tmp_path / "loops.nnspec"
    file.write_text(LOOPS)
    assert run(["show", str(file)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"a\.1\.0 to a\.2\.1 +linear x4 +float\[B, 5\] +120 +200", out)
    assert re.search(r"b\.1 to b\.2 +Inner x2 +float\[B, 5\] +60 +100", out)
    assert re.search(r"c +linear +float\[B, 5\] +30 +100", out)
    assert re.search(r"c +linear +float\[B, 5\] +0 +0", out)
    assert re.search(r"d\.1 +linear +float\[B, 9\] +81 +144", out)
    module = specc.load(str(file)).model("Net")
    total = sum(p.numel() for p in module.parameters())
    assert re.search(rf"total +{total:,} ", out)


def test_free_sizes_are_shown_with_what_they_must_be(capsys) -> None:
    path = str(SPECS / "gpt_small.nnspec")
    assert run(["show", path]) == 0
    out = capsys.readouterr().out
    assert "logits[B, T, vocabulary]" in out
    assert "needs T <= 128, otherwise a sequence of T is longer" in out
    assert "--dim NAME=SIZE" in out
    assert run(["show", path, "--dim", "vocabulary=10"]) == 0
    assert "FLOPs are counted once the sizes are known: --dim T=..." in capsys.readouterr().out


def test_a_size_that_is_not_there(capsys) -> None:
    assert run(["show", str(SPECS / "digits_mlp.nnspec"), "--dim", "hiden=3"]) == 2
    assert "did you mean `hidden`?" in capsys.readouterr().err
    assert run(["show", str(SPECS / "digits_mlp.nnspec"), "--model", "Digits"]) == 2
    assert "did you mean `DigitsMlp`?" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["svg", "mermaid", "dot"])
def test_graphs(form: str, tmp_path: Path, capsys) -> None:
    spec, file = tmp_path / "loops.nnspec", tmp_path / "graph"
    spec.write_text(LOOPS)
    assert run(["show", str(spec), "--model", "Net", "--graph", form, "-o", str(file)]) == 0
    assert capsys.readouterr().out == ""
    text = file.read_text(encoding="utf-8")
    for word in ("repeat n (3 times)", "repeat 2", "a: linear", "b: Inner", "float[B, 7]"):
        assert word in text
    if form == "svg":
        root = ElementTree.fromstring(text)
        assert "href" not in text
        assert len(root.findall("{*}path")) == 7
    else:
        assert text.count("->" if form == "dot" else "-->") == 7
        assert text.count("{") == text.count("}")
        assert text.count("subgraph") == 3


def test_a_component(capsys) -> None:
    assert run(["show", "conv2d"]) == 0
    out = capsys.readouterr().out
    assert "float[B, in, H, W] -> float[B, out_channels, conv(H), conv(W)]" in out
    assert re.search(r"kernel_size +size or \[height, width\] +required", out)
    assert re.search(r"bias +bool += true", out)
    assert run(["show", "adam", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["kind"] == "optimizer"
    assert page["fields"][0] == {
        "name": "lr",
        "type": "float of at least 0",
        "default": "0.001",
    }


def test_defaults_stand_as_a_spec_writes_them(capsys) -> None:
    assert run(["show", "conv1d"]) == 0
    assert "stride=1, padding=0" in capsys.readouterr().out
    assert run(["show", "rrelu"]) == 0
    assert "rrelu(lower=0.125, " in capsys.readouterr().out


def test_neither_a_file_nor_a_component(capsys) -> None:
    assert run(["show", "conv2"]) == 2
    assert "did you mean `conv2d`?" in capsys.readouterr().err
    assert run(["show", "absent.nnspec"]) == 2
    assert "there is no file `absent.nnspec`" in capsys.readouterr().err
