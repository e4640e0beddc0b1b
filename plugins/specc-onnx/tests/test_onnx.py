"""ONNX: names and sizes of the spec, one file, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from specc_onnx import plugin
from specc_onnx.backends.onnx import Onnx, look_through
from torch import Tensor, nn

from specc.components import Interface, Port, Refusal, Traced
from specc.registry import build_registry

needed = [pytest.importorskip(name) for name in ("onnx", "onnxscript", "onnxruntime")]
onnx = needed[0]

INTERFACE = Interface(
    (
        Port("words", "int64", ("B", "T"), "ids(9)[B, T]", "words"),
        Port("seen", "bool", ("B", "T"), "mask[B, T]", "seen"),
    ),
    (
        Port("scores", "float32", ("B", 2), "logits[B, 2]", "scores"),
        Port("size", "float32", ("B",), "float[B]", "size"),
    ),
    {"B": (1, 8), "T": (1, 12)},
)


class Mean(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 4)
        self.layer = nn.Linear(4, 2)

    def forward(self, words: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        weight = seen.unsqueeze(-1).float()
        mean = (self.table(words) * weight).sum(1) / weight.sum(1)
        return self.layer(mean), weight.sum((1, 2))


def inputs(batch: int, steps: int) -> dict[str, Tensor]:
    lengths = torch.randint(1, steps + 1, (batch, 1))
    return {
        "words": torch.randint(9, (batch, steps)),
        "seen": torch.arange(steps) < lengths,
    }


@pytest.fixture(scope="module")
def traced() -> Traced:
    torch.manual_seed(0)
    module = Mean().eval()
    sizes = {"B": torch.export.Dim("B", min=1, max=8), "T": torch.export.Dim("T", min=1, max=12)}
    dims = {0: sizes["B"], 1: sizes["T"]}
    sample = inputs(3, 5)
    shapes = {"words": dims, "seen": dims}
    program = torch.export.export(module, (), sample, dynamic_shapes=shapes)
    return Traced(module, program, tuple(sample.values()), INTERFACE)


@pytest.fixture(scope="module")
def file(traced: Traced, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    assert Onnx().export(traced, path) == ()
    return path


def test_it_computes_the_model(traced: Traced, file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == ["net.onnx"]
    run = Onnx().load(file, INTERFACE)
    for batch, steps in ((1, 1), (2, 12), (7, 5), (8, 3)):
        given = inputs(batch, steps)
        got = run(given)
        for name, wanted in zip(("scores", "size"), traced.module(**given), strict=True):
            torch.testing.assert_close(got[name], wanted, rtol=1e-5, atol=1e-6)


def test_names_are_those_of_the_spec(file: Path) -> None:
    graph = onnx.load(str(file)).graph
    dims = {v.name: [d.dim_param for d in v.type.tensor_type.shape.dim] for v in graph.input}
    assert dims == {"words": ["B", "T"], "seen": ["B", "T"]}
    assert [each.name for each in graph.output] == ["scores", "size"]


def test_a_size_that_became_a_number_is_refused(traced: Traced, tmp_path: Path) -> None:
    fixed = torch.export.export(traced.module, (), inputs(3, 5))
    with pytest.raises(Refusal, match="the size B of `words` became 3 in ONNX"):
        Onnx().export(Traced(traced.module, fixed, traced.sample, INTERFACE), tmp_path / "net.onnx")


@pytest.mark.parametrize("place", ["weights.bin", "../weights.bin", "/etc/hostname"])
def test_weights_in_another_file_are_refused(file: Path, tmp_path: Path, place: str) -> None:
    model = onnx.load(str(file))
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    tensor.external_data.add(key="location", value=place)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(Refusal, match="in another file") as refused:
        Onnx().load(tmp_path / "net.onnx", INTERFACE)
    assert refused.value.code.id == "E0811"


def test_other_operators_and_other_files_are_refused(file: Path, tmp_path: Path) -> None:
    model = onnx.load(str(file))
    model.graph.node[0].domain = "com.example"
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(Refusal, match=r"calls com\.example"):
        look_through(tmp_path / "net.onnx")
    (tmp_path / "net.onnx").write_bytes(b"\xff" * 100)
    with pytest.raises(Refusal, match="is no ONNX file"):
        look_through(tmp_path / "net.onnx")


def test_the_plugin_registers_its_backend() -> None:
    entry = build_registry([plugin]).find("onnx", ("backend",))
    assert entry is not None
    assert entry.load() is Onnx
