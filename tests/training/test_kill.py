"""Killed at any file operation and at any instant; a disk that is full or fails."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

DRIVER = [sys.executable, "-m", "tests.training.killing"]


def counts(*arguments: str) -> dict[str, int]:
    """How often each kind of fault happened; every one has been gone on from, to the same bits."""
    result = subprocess.run([*DRIVER, *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    told = [json.loads(line) for line in result.stdout.splitlines()]
    return {each["kind"]: each["count"] for each in told}


def test_killed_around_a_save_and_at_a_few_instants() -> None:
    """The operations are those of a whole save, the first after the run's folder is there."""
    found = counts("--operations", "40", "64", "--instants", "4", "--successive", "3")
    assert found["operations"] == 25
    assert found["instants"] > 0
    assert found["successive"] > 0  # steps it had made by then


@pytest.mark.slow
def test_killed_at_every_file_operation() -> None:
    assert counts("--operations", "1", "100000")["operations"] > 150


@pytest.mark.slow
def test_every_write_sync_and_rename_fails_once() -> None:
    found = counts("--errors")
    assert found["write"] > 100
    assert found["fsync"] > 30
    assert min(found.values()) > 3


@pytest.mark.slow
def test_killed_at_300_instants() -> None:
    assert counts("--instants", "300", "--seed", "7")["instants"] > 200


@pytest.mark.slow
def test_one_run_is_killed_20_times() -> None:
    assert counts("--successive", "20", "--seed", "3")["successive"] > 10
