"""The trunk: declared sizes stay free, and what cannot be said is refused with words for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from specc.artefacts.cases import all_sizes, traced_sizes
from specc.artefacts.driver import Export
from specc.artefacts.subject import Subject, called, exported_form
from specc.artefacts.tracing import trace
from specc.components import Interface, Port, Refusal, Traced
from specc.stdlib.backends.pt2 import Pt2
from specc.types.elements import Element
from tests.specs.cases import CASES, Case

SLOW = {"resnet18", "gpt_small", "bilstm_tagger", "transformer_classifier"}


def interface(dims: dict[str, tuple[int, int]], *shape: int | str) -> Interface:
    return Interface(
        (Port("x", "float32", tuple(shape), "", "x"),),
        (Port("y", "float32", (), "", "y"),),
        dims,
    )


class LastStep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.lstm(x)[0][:, -1]
        return found


def test_the_steps_of_an_lstm_are_built_in() -> None:
    module = exported_form(LastStep(), ["x"], 1)
    free = interface({"B": (1, 8), "T": (1, 20)}, "B", "T", 4)
    with pytest.raises(Refusal) as refused:
        trace(module, free, {"x": torch.randn(3, 5, 4)})
    assert refused.value.code.id == "E0802"
    assert "`T` cannot be dynamic in this model" in refused.value.message
    assert "dynamic T = 5..5" in (refused.value.help or "")
    fixed = interface({"B": (1, 8)}, "B", 5, 4)
    program = trace(module, fixed, {"x": torch.randn(3, 5, 4)})
    x = torch.randn(7, 5, 4)
    torch.testing.assert_close(program.module()(x=x)[0], module(x)[0])


def test_sizes_that_are_tried() -> None:
    ports = interface({"B": (1, 64), "T": (4, 9)}, "B", "T")
    tried = all_sizes(ports)
    assert {1, 2, 7, 8, 64} == {each["B"] for each in tried}
    assert {4, 6, 7, 9} == {each["T"] for each in tried}
    assert {"B": 1, "T": 4} in tried
    assert {"B": 64, "T": 9} in tried
    assert min(traced_sizes(interface({"B": (1, 2)}, "B")).values()) == 2
    same = traced_sizes(interface({"B": (1, 64), "N": (1, 64)}, "B", "N"))
    assert same["B"] != same["N"]


class Constant(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 0 + 1


class Infinite(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x / 0


class Random(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (Constant(), "the same whatever"),
        (Infinite(), "not finite"),
        (Random(), "from call to call"),
    ],
)
def test_a_model_that_says_nothing_proves_nothing(module: nn.Module, said: str) -> None:
    made = subject(exported_form(module, ["x"], 1), interface({"B": (1, 8)}, "B", 4))
    with pytest.raises(Refusal, match=said) as refused:
        Export(made)
    assert refused.value.code.id == "E0805"


def subject(module: nn.Module, ports: Interface) -> Subject:
    return Subject(
        "net",
        module,
        ports,
        {"x": Element("float")},
        lambda count: {"x": torch.randn(count, 4)},
        "B",
    )


def test_batch_norm_and_dropout_left_in_training_mode() -> None:
    layers = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    layers.train()
    module = exported_form(layers, ["x"], 1)
    x = torch.randn(6, 4)
    bn = layers[1]
    wanted = layers[0](x) / (1 + bn.eps) ** 0.5  # the statistics are still 0 and 1
    torch.testing.assert_close(called(module, {"x": x})[0], wanted)


class Padded(nn.Module):
    """An encoder that torch runs by another path where it may."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.encoder(x, src_key_padding_mask=x[:, :, 0] > 1)
        return found


def test_the_fast_path_of_attention_is_off() -> None:
    torch.manual_seed(0)
    module = exported_form(Padded(), ["x"], 1)
    x = torch.randn(4, 6, 8)
    x[:, 3:, 0], x[:, :3, 0] = 2, 0
    with torch.no_grad():
        fast = module(x)[0]
    slow = called(module, {"x": x})[0]
    assert not torch.allclose(fast, slow, atol=1e-2)
    program = trace(module, interface({"B": (1, 8)}, "B", 6, 8), {"x": x})
    torch.testing.assert_close(program.module()(x=x)[0], slow)
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.slow] if case.spec in SLOW else []) for case in CASES],
    ids=lambda case: case.spec,
)
def test_every_spec_leaves_as_pt2(case: Case, tmp_path: Path) -> None:
    """With random weights, in this process: at batches that are not the one that was traced."""
    torch.manual_seed(0)
    sample = case.inputs(3)
    names = [f"in{number}" for number in range(len(sample))]
    model = case.compiled()
    with torch.no_grad():
        found = model.eval()(*sample)
    results = [found] if isinstance(found, Tensor) else list(found)
    module = exported_form(model, names, len(results))
    ports = Interface(
        tuple(port(n, t) for n, t in zip(names, sample, strict=True)),
        tuple(port(f"out{k}", t) for k, t in enumerate(results)),
        {"B": (1, 16)},
    )
    program = trace(module, ports, dict(zip(names, sample, strict=True)))
    path = tmp_path / "model.pt2"
    assert Pt2().export(Traced(module, program, sample, ports), path) == ()
    run = Pt2().load(path, ports)
    for batch in (1, 2, 7):
        given = dict(zip(names, case.inputs(batch), strict=True))
        got = run(given)
        for name, wanted in zip(got, called(module, given), strict=True):
            torch.testing.assert_close(got[name], wanted, rtol=1e-4, atol=1e-5)


def port(name: str, tensor: Tensor) -> Port:
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Port(name, dtype, ("B", *tensor.shape[1:]), "", name)
