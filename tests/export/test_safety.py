"""An artefact is loaded only as it was proven, and never runs anything but tensors' operators."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from specc.artefacts.driver import Export, Job
from specc.artefacts.manifest import load
from specc.artefacts.subject import Subject, exported_form
from specc.artefacts.tracing import trace
from specc.components import Interface, Port, Refusal, Traced
from specc.registry import Owner
from specc.registry.records import CORE
from specc.stdlib.backends.pt2 import Pt2, look_through
from specc.training.errors import FileRefused
from specc.types.elements import Element

INTERFACE = Interface(
    (Port("x", "float32", ("B", 3), "float[B, 3]", "x"),),
    (Port("y", "float32", ("B", 2), "float[B, 2]", "y"),),
    {"B": (1, 8)},
)


def subject(module: nn.Module) -> Subject:
    return Subject(
        name="net",
        module=exported_form(module, ["x"], 1),
        interface=INTERFACE,
        elements={"x": Element("float")},
        rows=lambda count: {"x": torch.randn(count, 3)},
        batch="B",
    )


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artefact, made by the driver."""
    folder = tmp_path_factory.mktemp("net") / "pt2"
    torch.manual_seed(0)
    exports = Export(subject(nn.Linear(3, 2)))
    exports.run(Job(Owner(CORE, CORE, "", is_core=True), "pt2", Pt2(), folder))
    return folder


def test_what_was_proven_is_loaded(artefact: Path) -> None:
    found = load(artefact)
    weight = torch.export.load(artefact / "net.pt2").state_dict
    x = torch.randn(5, 3)
    wanted = x @ weight["model.weight"].T + weight["model.bias"]
    torch.testing.assert_close(found.run({"x": x})["y"], wanted)
    with pytest.raises(Exception, match="8"):
        found.run({"x": torch.randn(9, 3)})


def changed(artefact: Path, tmp_path: Path, change: Callable[[Path], Any]) -> str:
    copy = tmp_path / "copy"
    shutil.copytree(artefact, copy)
    change(copy)
    with pytest.raises(FileRefused) as refused:
        load(copy)
    return "\n".join([str(refused.value), *refused.value.details])


def test_a_flipped_bit_is_refused(artefact: Path, tmp_path: Path) -> None:
    size = (artefact / "net.pt2").stat().st_size
    for number, place in enumerate((0, size // 3, size // 2, size - 1)):

        def flip(folder: Path, place: int = place) -> None:
            data = bytearray((folder / "net.pt2").read_bytes())
            data[place] ^= 1
            (folder / "net.pt2").write_bytes(data)

        folder = tmp_path / str(number)
        folder.mkdir()
        assert "net.pt2 is not what was proven" in changed(artefact, folder, flip)


def linked(folder: Path) -> None:
    shutil.move(folder / "net.pt2", folder.parent / "elsewhere")
    (folder / "net.pt2").symlink_to(folder.parent / "elsewhere")


def renamed(folder: Path) -> None:
    """A manifest that speaks of a file elsewhere."""
    told = json.loads((folder / "manifest.json").read_text())
    told["files"] = {"../net.pt2": told["files"]["net.pt2"]}
    told["file"] = "../net.pt2"
    (folder / "manifest.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "manifest.json").unlink(), "has no manifest.json"),
        (lambda f: (f / "manifest.json").write_text("[1]"), "is no manifest"),
        (lambda f: (f / "manifest.json").write_text('{"format": 1, "files'), "is no manifest"),
        (lambda f: (f / "net.pt2").unlink(), "net.pt2 is missing"),
        (lambda f: (f / "weights.bin").write_bytes(b"x"), "weights.bin is not in the manifest"),
        (linked, "net.pt2 is no plain file"),
        (renamed, "is missing"),
    ],
)
def test_a_folder_that_is_not_that_of_its_manifest(
    artefact: Path, tmp_path: Path, change: Callable[[Path], Any], said: str
) -> None:
    assert said in changed(artefact, tmp_path, change)


# --- what is in the archive --------------------------------------------------------------------


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("executed"),))


def rewritten(path: Path, target: Path, change: Callable[[str, bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))


def in_program(change: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    def of(name: str, data: bytes) -> bytes:
        if not name.endswith("models/model.json"):
            return data
        told = json.loads(data)
        change(told)
        return json.dumps(told).encode()

    return of


def pickled(name: str, data: bytes) -> bytes:
    if not name.endswith("sample_inputs/model.pt"):
        return data
    buffer = io.BytesIO()
    torch.save(Evil(), buffer)
    return buffer.getvalue()


def pickled_weight(name: str, data: bytes) -> bytes:
    if name.endswith("weights_config.json"):
        return data.replace(b'"use_pickle": false', b'"use_pickle": true')
    return pickle.dumps(Evil()) if name.endswith("weight_0") else data


def guards(told: dict[str, Any]) -> None:
    told["guards_code"] = ["open('executed', 'w')"]


def operator(told: dict[str, Any]) -> None:
    told["graph_module"]["graph"]["nodes"][0]["target"] = "torch.os.system"


def formula(told: dict[str, Any]) -> None:
    told["range_constraints"] = {"__import__('os').system('touch executed')": {}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pickled, "sample inputs, which are a pickle"),
        (pickled_weight, "a tensor that is a pickle"),
        (in_program(guards), "guards, which are source"),
        (in_program(operator), "calls 'torch.os.system'"),
        (in_program(formula), "ranges of what is no size"),
        (lambda name, data: data[:40] if name.endswith("model.json") else data, "is no archive"),
    ],
)
def test_what_an_archive_may_not_hold(
    artefact: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str, bytes], bytes],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    rewritten(artefact / "net.pt2", tmp_path / "net.pt2", change)
    with pytest.raises(Refusal, match=said) as refused:
        Pt2().load(tmp_path / "net.pt2", INTERFACE)
    assert refused.value.code.id == "E0811"
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "text", ["s0.__class__", "Symbol('x y')", "eval('1')", "S('s0')[0]", "a;b"]
)
def test_a_size_is_arithmetic(artefact: Path, tmp_path: Path, text: str) -> None:
    def sizes(value: Any) -> None:
        for key, each in list(value.items()) if isinstance(value, dict) else []:
            if key == "expr_str":
                value[key] = text
            sizes(each)
        for each in value if isinstance(value, list) else []:
            sizes(each)

    rewritten(artefact / "net.pt2", tmp_path / "net.pt2", in_program(sizes))
    with pytest.raises(Refusal, match="has the size"):
        look_through(tmp_path / "net.pt2")


def test_what_the_backend_writes_passes(artefact: Path) -> None:
    look_through(artefact / "net.pt2")
    with zipfile.ZipFile(artefact / "net.pt2") as archive:
        (sample,) = [e for e in archive.infolist() if "sample_inputs" in e.filename]
    assert sample.file_size == 0


def test_what_torch_writes_itself_is_refused(tmp_path: Path) -> None:
    made = subject(nn.Linear(3, 2))
    program = trace(made.module, INTERFACE, {"x": torch.randn(3, 3)})
    torch.export.save(program, tmp_path / "net.pt2")
    with pytest.raises(Refusal, match="a pickle"):
        look_through(tmp_path / "net.pt2")
    assert Traced(made.module, program, (), INTERFACE).program.example_inputs is not None
