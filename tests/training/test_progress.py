"""What a person sees of a run while it goes on."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from specc.data import Prepared
from specc.training import report
from specc.training.fit import fit
from specc.training.report import BarReport, LineReport
from tests.training import digits

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def drawn(
    prepared: Prepared, folder: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[str], list[str]]:
    """All that is written to a terminal; the bars among it, and the lines that stay."""
    monkeypatch.setattr(report, "INTERVAL", 0.0)
    monkeypatch.setattr("specc.training.record.INTERVAL", 0.0)
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, legacy_windows=False)
    fit(digits.plan(prepared, settings={"epochs": 2}), folder, BarReport(console))
    text = stream.getvalue()
    pieces = [piece for line in CONTROL.sub("", text).split("\n") for piece in line.split("\r")]
    stays = [p for p in pieces if re.match(r"epoch \d+/\d+  lr", p)]
    return text, [p for p in pieces if p.startswith("epoch ") and p not in stays], stays


def test_a_bar_says_speed_time_left_losses_and_rates(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bars, stays = drawn(prepared, tmp_path, 120, monkeypatch)
    whole = (
        r"epoch \d/2 \S+ +\d+/80 [\d,.e+]+ steps/s +(\d\d|--):(\d\d|--) loss [\d.e-]+  lr 0\.003"
    )
    assert len([bar for bar in bars if re.match(whole, bar)]) > 10
    assert any("80/80" in bar for bar in bars)
    assert [line.split("  ")[0] for line in stays] == ["epoch 1/2", "epoch 2/2"]
    # What is shown at the end of an epoch is the mean that is then written.
    last = next(bar for bar in reversed(bars) if bar.startswith("epoch 1/2") and "40/80" in bar)
    shown = float(re.findall(r"loss ([\d.e-]+)", last)[0])
    written = float(re.findall(r"train\.loss ([\d.e-]+)", stays[0])[0])
    assert shown == pytest.approx(written, rel=0.2)


@pytest.mark.parametrize("width", [72, 50, 30])
def test_a_bar_fits_into_a_narrow_terminal(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    _, bars, _ = drawn(prepared, tmp_path, width, monkeypatch)
    assert bars
    assert max(map(len, bars)) <= width
    assert any("loss" in bar for bar in bars)


def test_no_color_is_respected(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert COLOR.search(drawn(prepared, tmp_path / "with", 80, monkeypatch)[0])
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOR.search(drawn(prepared, tmp_path / "without", 80, monkeypatch)[0])


def test_elsewhere_there_are_plain_lines(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    fit(digits.plan(prepared, settings={"epochs": 2}), tmp_path, LineReport(stream))
    head, *lines = stream.getvalue().splitlines()
    assert "rows: 1,258 train, 180 val, 359 test, 2 epochs of 40 steps" in head
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "\x1b" not in stream.getvalue()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert type(report.for_stderr()) is LineReport


def test_a_resumed_bar_begins_where_the_run_does(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = digits.plan(prepared, settings={"epochs": 2, "save_steps": 1})
    with pytest.raises(Stopped):
        fit(plan, tmp_path, Until(60))
    monkeypatch.setattr("specc.training.record.INTERVAL", 0.0)
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, legacy_windows=False)
    fit(plan, tmp_path, BarReport(console), resume=True)
    counts = [int(n) for n in re.findall(r"(\d+)/80", CONTROL.sub("", stream.getvalue()))]
    assert min(counts) >= 58
    assert max(counts) == 80


class Stopped(Exception):
    pass


class Until(report.Report):
    """Breaks a run off after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def stepped(self, epoch: int, step: int, so_far: report.SoFar) -> None:
        if (epoch - 1) * 40 + step >= self.steps:
            raise Stopped
