"""``specc export``: what is written is the model that was trained, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import specc
from specc.cli.main import run as run_command
from specc.diagnostics import Diagnostic, SpecError
from specc.exporting import export
from specc.registry import PluginOptions
from specc.training import weights
from tests.export import faulty
from tests.export.flowers import SPEC, make

FAULTY = PluginOptions(files=(Path(faulty.__file__),))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("flowers"))


def snake(cls: type) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).strip("_")


def test_the_artefact_is_the_model_in_evaluation(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run_command(["export", str(run), "--json"]) == 0
    (manifest,) = json.loads(capsys.readouterr().out).values()
    folder = run / "export/pt2"
    assert sorted(path.name for path in folder.iterdir()) == ["flowers.pt2", "manifest.json"]
    assert json.loads((folder / "manifest.json").read_text()) == manifest

    # Against the class of the spec with the weights of the run, by torch alone.
    model = specc.load(run / "flowers.nnspec").model("Net", classes=3).eval()
    model.load_state_dict(weights.load(run / "weights.safetensors"))
    artefact = torch.export.load(folder / "flowers.pt2").module()
    for count in (1, 2, 7, 12):
        size, place = torch.randn(count, 2), torch.randn(count, 2)
        scores, area = artefact(size=size, place=place)
        wanted = model(size, place)
        torch.testing.assert_close(scores, wanted.scores)
        torch.testing.assert_close(area, wanted.area)

    ports = manifest["interface"]
    assert [(p["name"], p["shape"], p["dtype"]) for p in ports["inputs"]] == [
        ("size", ["B", 2], "float32"),
        ("place", ["B", 2], "float32"),
    ]
    assert [(p["name"], p["shape"]) for p in ports["outputs"]] == [
        ("scores", ["B", 3]),
        ("area", ["B"]),
    ]
    assert ports["dims"] == {"B": [1, 12]}
    tried = {(row["sizes"]["B"], row["values"], row["output"]) for row in manifest["parity"]}
    assert {(n, kind, "area") for n in (1, 2, 7, 12) for kind in ("random", "rows")} <= tried
    assert manifest["beyond"] == [{"sizes": {"B": 13}, "refused": True}]
    assert manifest["fitted"]["kind"][0]["values"] == ["iris", "lily", "rose"]
    assert [each["sizes"]["B"] for each in manifest["latency"]] == [1, 3, 12]


def failures(run: Path, names: list[str]) -> dict[str, Diagnostic]:
    """What was said of backends that all fail, and leave nothing."""
    outcome = export(run, to=names, plugins=FAULTY)
    assert outcome.done == {}
    assert not [path for path in (run / "export").iterdir() if path.name != "pt2"]
    return dict(zip(names, outcome.failed, strict=True))


def test_an_exporter_that_is_wrong_leaves_nothing(run: Path) -> None:
    told = failures(run, ["drops_bias", "fixes_batch"])
    assert {name: each.code.id for name, each in told.items()} == {
        "drops_bias": "E0801",
        "fixes_batch": "E0803",
    }
    assert "`head` is the first layer to differ" in told["drops_bias"].message
    assert "does not run for B = 1 (random)" in told["fixes_batch"].message


@pytest.mark.slow
def test_many_ways_to_be_wrong(run: Path) -> None:
    told = failures(run, [snake(cls) for cls in faulty.WRONG])
    assert {name: each.code.id for name, each in told.items()} == {
        snake(cls): "E0801" for cls in faulty.WRONG
    } | {"fixes_batch": "E0803"}
    assert "`hidden` is the first layer to differ" in told["stale_weight"].message
    assert "B = 13" in told["wrong_beyond"].message


def test_a_backend_that_fails_is_told(run: Path) -> None:
    failing = [snake(cls) for cls in faulty.FAILING]
    told = {
        name: (each.code.id, each.message, each.help)
        for name, each in failures(run, failing).items()
    }
    assert told["raises"][:2] == (
        "E0803",
        "`raises` cannot write the model: RuntimeError: no kernel for this",
    )
    assert told["refuses"] == ("E0810", "it has no such operator", "use another")
    assert told["writes_nothing"][0] == "E0803"
    assert told["crashes"][0] == "E0803"
    assert "the process ended with status 9" in told["crashes"][1]
    assert told["not_installed"][0] == "E0804"
    assert told["not_installed"][2] == "pip install a-distribution-that-nobody-has"


def test_a_spec_that_was_not_trained_has_nothing_to_export(tmp_path: Path) -> None:
    make(tmp_path, train=False)
    with pytest.raises(SpecError, match="E0806: there is no finished run of it"):
        export(tmp_path / "flowers.nnspec", runs=tmp_path / "runs")


def test_one_of_several_sections_is_chosen_by_name(run: Path, tmp_path: Path) -> None:
    spec = tmp_path / "flowers.nnspec"
    spec.write_text(SPEC + "\nexport Fast {\n  to = [pt2]\n}\n")
    (tmp_path / "flowers.csv").write_bytes((run.parents[2] / "flowers.csv").read_bytes())
    with pytest.raises(SpecError, match="E0807: the file has several export sections"):
        export(spec, runs=run.parents[1])
    outcome = export(spec, name="Fast", runs=run.parents[1])
    assert [folder.name for folder in outcome.done] == ["Fast-pt2"]
    (manifest,) = outcome.done.values()
    assert manifest["interface"]["dims"] == {"B": (1, 64)}
