"""Looking names up."""

from __future__ import annotations

import pytest

from specc.diagnostics import SpecError
from specc.registry import Entry, Owner, Registry
from specc.registry.records import component_name
from specc.registry.versions import admits

SIGNAL, WAVES = Owner("signal", "specc-signal", "1.0"), Owner("waves", "specc-waves", "2.0")


def entry(name: str, owner: Owner, kind: str = "layer", target: object = "a.b:C") -> Entry:
    return Entry(name, kind, owner, target)


def test_a_clash_names_both_distributions() -> None:
    registry = Registry([entry("fourier", SIGNAL), entry("fourier", WAVES), entry("only", WAVES)])
    with pytest.raises(SpecError) as raised:
        registry.find("fourier")
    (error,) = raised.value.diagnostics
    assert error.code.id == "E0251"
    assert error.message == "`fourier` is supplied by specc-signal 1.0 and by specc-waves 2.0"
    assert error.help == "say which: `signal.fourier` or `waves.fourier`"
    assert registry.find("signal.fourier").owner is SIGNAL
    assert registry.find("signal.only") is None
    assert registry.find("only").owner is WAVES
    assert registry.find("a.b.only") is None


def test_the_kind_that_is_wanted_first_wins() -> None:
    registry = Registry([entry("kl", SIGNAL, "metric"), entry("kl", SIGNAL, "loss")])
    assert registry.find("kl", ["loss", "metric"]).kind == "loss"
    assert registry.find("kl", ["metric", "loss"]).kind == "metric"
    assert registry.find("kl", ["layer"]) is None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("specc_nowhere:X", "ModuleNotFoundError"),
        ("json:Nothing", "AttributeError"),
        ("json:dumps", "json:dumps is not a class of components"),
        ("specc.components:Loss", "specc.components:Loss is a loss, but was registered as layer"),
    ],
)
def test_a_component_that_is_not_what_was_registered(target: str, reason: str) -> None:
    for _ in range(2):
        with pytest.raises(SpecError) as raised:
            entry("thing", SIGNAL, "layer", target).load()
        (error,) = raised.value.diagnostics
        assert error.code.id == "E0252"
        assert "specc-signal 1.0" in error.message
        assert reason in error.label


def test_a_broken_component_of_the_core_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        entry("thing", Owner("specc", "specc", "1", is_core=True), target="specc.x:Y").load()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Conv2d", "conv2d"), ("BatchNorm2d", "batch_norm2d"), ("GRUCell", "gru_cell"),
        ("LSTM", "lstm"), ("L1Loss", "l1_loss"), ("MSELoss", "mse_loss"),
        ("AdaptiveAvgPool2d", "adaptive_avg_pool2d"),
    ],
)  # fmt: skip
def test_names_of_classes(name: str, wanted: str) -> None:
    assert component_name(type(name, (), {})) == wanted


@pytest.mark.parametrize(
    ("installed", "op", "wanted", "answer"),
    [
        ("1.10.2", ">=", "1.9", True),
        ("1.10", "==", "1.10.0", True),
        ("2.0rc1", ">=", "2", True),
        ("2.13.0+cpu", "<=", "2.13", True),
        ("1.9", "!=", "1.9", False),
        ("1.9", ">", "1.9", False),
        ("unknown", "<", "0.1", True),
    ],
)
def test_versions(installed: str, op: str, wanted: str, answer: bool) -> None:
    assert admits(installed, op, wanted) is answer
