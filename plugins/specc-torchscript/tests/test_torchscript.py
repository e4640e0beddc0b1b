"""TorchScript: traced where that is the model, else scripted and told."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from specc_torchscript import plugin
from specc_torchscript.backends.torchscript import Torchscript
from torch import Tensor, nn

from specc.components import Interface, Port, Refusal, Traced
from specc.registry import build_registry

INTERFACE = Interface(
    (Port("x", "float32", ("B", 3), "float[B, 3]", "x"),),
    (Port("y", "float32", ("B", 2), "float[B, 2]", "y"),),
    {"B": (1, 8)},
)


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.layer(x),)


class Branching(Plain):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        if bool(x.sum() > 0):
            return (self.layer(x),)
        return (-self.layer(x),)


class Hidden(Plain):
    def forward(self, *given: Tensor) -> tuple[Tensor]:
        (x,) = given
        return (self.layer(x),) if float(x.sum()) > 0 else (self.layer(x) * 2,)


def written(module: nn.Module, path: Path) -> tuple[str, ...]:
    traced = Traced(module.eval(), None, (torch.rand(3, 3),), INTERFACE)
    return Torchscript().export(traced, path)


def test_a_trace_takes_other_batches(tmp_path: Path) -> None:
    module = Plain()
    assert written(module, tmp_path / "net.pt") == ()
    run = Torchscript().load(tmp_path / "net.pt", INTERFACE)
    for count in (1, 2, 7):
        x = torch.randn(count, 3)
        torch.testing.assert_close(run({"x": x})["y"], module(x)[0])


def test_control_flow_is_scripted_and_told(tmp_path: Path) -> None:
    module = Branching()
    (note,) = written(module, tmp_path / "net.pt")
    assert note.startswith("scripted, not traced: ")
    run = Torchscript().load(tmp_path / "net.pt", INTERFACE)
    for x in (torch.ones(2, 3), -torch.ones(2, 3)):
        torch.testing.assert_close(run({"x": x})["y"], module(x)[0])


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="neither trace the model") as refused:
        written(Hidden(), tmp_path / "net.pt")
    assert refused.value.code.id == "E0810"
    assert not (tmp_path / "net.pt").exists()


def test_the_plugin_registers_its_backend() -> None:
    entry = build_registry([plugin]).find("torchscript", ("backend",))
    assert entry is not None
    assert entry.load() is Torchscript
