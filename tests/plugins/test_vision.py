"""specc-vision as a stranger's machine has it: a wheel, and specs that name it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.plugins.conftest import ROOT, Installed

PLUGIN = ROOT / "plugins" / "specc-vision"

PLAIN = "nnspec 1\n\nmodel Net {\n  input x: float[B, 3]\n  output y = x |> linear(2)\n}\n"

LOADED = """\
import sys
from specc.cli.main import run
status = run(sys.argv[1:])
print(status, sorted({name.partition(".")[0] for name in sys.modules} & {"specc_vision", "PIL"}))
"""


@pytest.fixture
def vision(installed: Callable[[str], Installed]) -> Installed:
    return installed("specc-vision")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The spec of the plugin, and stripes: lying, standing, and both, with some noise."""
    shutil.copy(PLUGIN / "specs" / "shapes.nnspec", tmp_path)
    random = np.random.default_rng(0)
    for label in ("lying", "standing", "checks"):
        (tmp_path / "data" / "shapes" / label).mkdir(parents=True)
        for number in range(40):
            height, width = random.integers(20, 40, 2)
            y, x = np.mgrid[:height, :width] // 4 % 2
            pattern = {"lying": y, "standing": x, "checks": x ^ y}[label]
            noisy = pattern[..., None] * random.integers(100, 200, 3) + random.integers(
                0, 50, (height, width, 3)
            )
            path = tmp_path / "data" / "shapes" / label / f"{number}.png"
            Image.fromarray(noisy.astype(np.uint8)).save(path)
    return tmp_path


def test_the_wheel_has_every_file(vision: Installed) -> None:
    shipped = PLUGIN / "specc_vision"
    wanted = {
        path.relative_to(shipped)
        for path in shipped.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    there = vision.target / "specc_vision"
    got = {path.relative_to(there) for path in there.rglob("*") if path.suffix != ".pyc"}
    assert {path for path in got if (there / path).is_file()} == wanted


def test_a_folder_of_images_is_learned_and_new_images_are_told_apart(
    vision: Installed, project: Path
) -> None:
    done = vision.specc(project, "train", "shapes.nnspec", "--quiet", "--json")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    (run,) = (project / "runs").glob("*/*/")
    lines = (run / "metrics.jsonl").read_text().splitlines()
    best = max(
        found["val.accuracy"] for line in lines if "val.accuracy" in (found := json.loads(line))
    )
    assert best > 0.9

    new = project / "new"
    (new / "inner").mkdir(parents=True)
    kinds = ["lying", "standing", "checks"]
    names = ["a.png", "b.png", "inner/c.png"]
    for kind, name in zip(kinds, names, strict=True):
        shutil.copy(project / "data/shapes" / kind / "7.png", new / name)
    shutil.rmtree(project / "data")
    run = "runs/shapes/1"

    def told(*inputs: str) -> list[dict]:
        done = vision.specc(project, "predict", run, *inputs)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert told("new/a.png") == [{"shape": "lying"}]
    wanted = [
        {"input": f"new/{name}", "shape": kind} for kind, name in zip(kinds, names, strict=True)
    ]
    assert told("new") == wanted
    assert told("new/b.png", "new/a.png") == [wanted[1], wanted[0]]

    (new / "d.png").write_bytes((new / "a.png").read_bytes()[:90])
    (new / "e.csv").write_text("image,size\na,1\n")
    (project / "empty").mkdir()
    for given, words in (
        ("new", "error[E0603]: `new/d.png` cannot be used: "),
        ("new/e.csv", "error[E0611]: `image` is str[], and was uint8[3, 20, 24] in training"),
        ("shapes.nnspec", "error[E0603]: `shapes.nnspec` cannot be used: "),
        ("empty", "error[E0630]: `empty` has no rows"),
        ("nothing.png", "'nothing.png' does not exist"),
    ):
        done = vision.specc(project, "predict", run, given)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr, done.stderr


def test_labels_are_mixed_as_images_are(vision: Installed, project: Path) -> None:
    text = (PLUGIN / "specs" / "shapes.nnspec").read_text()
    for old, new in (
        ("|> categories", "|> categories |> one_hot"),
        ("augment image = image |>", "augment image, label = (image, label) |> mixup |> cutmix  #"),
        ("  metric accuracy = (scores, label) |> accuracy\n", ""),
        ("  output shape = scores |> argmax(dim=1) |> inverse(label)\n", ""),
        ("best(val.accuracy)", "best(val.loss)"),
    ):
        assert old in text
        text = text.replace(old, new)
    (project / "shapes.nnspec").write_text(text)
    results = []
    for _ in range(2):
        done = vision.specc(project, "train", "shapes.nnspec", "train.epochs=1", "--quiet")
        assert done.returncode == 0, done.stderr
        (run, *_) = sorted((project / "runs").glob("*/*/"), reverse=True)
        results.append((run / "metrics.jsonl").read_text())
    assert results[0] == results[1]


def test_plugins_shows_it(vision: Installed, tmp_path: Path) -> None:
    done = vision.specc(tmp_path, "plugins", "--json")
    (status,) = [each for each in json.loads(done.stdout) if each["name"] == "vision"]
    assert (status["distribution"], status["state"]) == ("specc-vision", "ready")
    assert ["source", "image_folder"] in status["contributions"]


def test_nobody_who_does_not_name_it_imports_it(vision: Installed, project: Path) -> None:
    (project / "net.nnspec").write_text(PLAIN)
    done = vision.python(project, "-c", LOADED, "check", "net.nnspec")
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr
    done = vision.python(project, "-c", LOADED, "check", "shapes.nnspec")
    # Decoders come with the first image, and a size says what images will be.
    assert done.stdout.splitlines()[-1] == "0 ['specc_vision']", done.stderr


def test_without_use_the_name_is_answered(vision: Installed, project: Path) -> None:
    spec = project / "shapes.nnspec"
    spec.write_text(spec.read_text().replace("use vision\n", ""))
    done = vision.python(project, "-c", LOADED, "check", "shapes.nnspec")
    assert done.stdout.splitlines()[-1] == "2 []"
    assert "shapes.nnspec:18:12" in done.stdout
    assert "= help: specc-vision 0.1.0 has it: write `use vision`" in done.stdout


def changed(project: Path, old: str, new: str) -> str:
    """The spec with something else in it."""
    text = (PLUGIN / "specs" / "shapes.nnspec").read_text()
    assert old in text
    (project / "shapes.nnspec").write_text(text.replace(old, new))
    return "shapes.nnspec"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            ', size=[20, 24], fit="crop"',
            "",
            (
                "error[E0603]: `data/shapes/",
                "shapes.nnspec:19:25",
                "= help: size=[height, width] brings all images to one size",
            ),
        ),
        ("center_crop([20, 20])", "center_crop(21)", ("error[E0409]", "shapes.nnspec:22:27")),
        (
            "resize(16)",
            "resize(0)",
            ("`size` of `resize` has to be at least 1", "shapes.nnspec:22:59"),
        ),
        (
            "random_crop(16, padding=2)",
            "random_crop(15)",
            ("error[E0655]", "float[3, 15, 15]", "shapes.nnspec:24:28"),
        ),
        (
            "color_jitter(brightness=0.1)",
            "color_jitter(hue=0.7)",
            ("error[E03", "shapes.nnspec:24:"),
        ),
        ('fit="crop"', 'fit="cut"', ("error[E03", "shapes.nnspec:19:59")),
        ('"data/shapes"', '"data/shape"', ("`data/shape` is not there", "did you mean `shapes`?")),
    ],
)
def test_mistakes_are_said_at_their_place(
    vision: Installed, project: Path, old: str, new: str, wanted: tuple[str, ...]
) -> None:
    done = vision.specc(project, "check", changed(project, old, new))
    assert done.returncode == (0 if "not there" in wanted[0] else 2)
    assert [words for words in wanted if words not in done.stdout] == [], done.stdout


def test_a_damaged_image_is_named_or_left_out(vision: Installed, project: Path) -> None:
    damaged = project / "data/shapes/checks/5.png"
    damaged.write_bytes(damaged.read_bytes()[:100])
    done = vision.specc(project, "plan", "shapes.nnspec")
    assert done.returncode == 2
    assert "`data/shapes/checks/5.png` cannot be used" in done.stderr + done.stdout
    done = vision.specc(project, "plan", changed(project, 'fit="crop"', 'bad_rows="skip"'))
    assert done.returncode == 0, done.stdout + done.stderr
