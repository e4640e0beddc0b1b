"""Events for TensorBoard, read back byte by byte."""

from __future__ import annotations

import importlib.util
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from specc.api import load
from specc.stdlib.loggers.tensorboard import Tensorboard
from specc.stdlib.parts.events import EventFile, crc32c
from specc.training.fit import fit
from tests.training import digits
from tests.training.test_resume import broken, pull, small


def messages(path: Path) -> list[bytes]:
    """The records of a file, their checksums looked at."""
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found.append(data[12 : 12 + length])
        for part, told in ((data[:8], data[8:12]), (found[-1], data[12 + length : 16 + length])):
            value = crc32c(part)
            masked = ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF
            assert struct.unpack("<I", told) == (masked,)
        data = data[16 + length :]
    return found


def fields(data: bytes) -> list[tuple[int, Any]]:
    """A protocol buffer, one level deep."""
    found: list[tuple[int, Any]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            found.append((key >> 3, varint()))
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        found.append((key >> 3, data[at : at + size]))
        at += size
    return found


def scalars(path: Path) -> list[tuple[int, str, float]]:
    first, *events = messages(path)
    assert fields(first)[1] == (3, b"brain.Event:2")
    found = []
    for event in events:
        parts = dict(fields(event))
        for _, value in fields(parts[5]):
            named = dict(fields(value))
            found.append((parts[2], named[1].decode(), struct.unpack("<f", named[2])[0]))
    return found


def test_the_checksum() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_events_are_the_metrics_also_after_a_break(tmp_path: Path) -> None:
    prepared = digits.data()
    settings = {"log": Tensorboard()}
    fit(small(prepared, settings=settings), tmp_path / "whole")
    settings |= {"save_steps": 3}
    broken(small(prepared, settings=settings), tmp_path / "broken", {8, 19, 33}, pull)
    for way in ("whole", "broken"):
        run = tmp_path / way / "digits/1"
        (path,) = run.glob("*tfevents*")
        wanted = []
        for line in (run / "metrics.jsonl").read_text().splitlines():
            record = json.loads(line)
            step = record.pop("step")
            del record["epoch"]
            wanted += [(step, k.replace(".", "/"), pytest.approx(v)) for k, v in record.items()]
        assert scalars(path) == wanted


def test_a_number_beyond_32_bits(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "a.tfevents")
    file.add(2**40, {"x": 1e300, "y": -1e300})
    file.close()
    assert scalars(tmp_path / "a.tfevents") == [
        (2**40, "x", float("inf")),
        (2**40, "y", float("-inf")),
    ]


def test_a_spec_asks_for_it(tmp_path: Path) -> None:
    spec = (digits.ROOT / "digits_mlp.nnspec").read_text()
    path = tmp_path / "logged.nnspec"
    path.write_text(spec.replace("  epochs = 30\n", "  epochs = 30\n  log = tensorboard\n"))
    shutil.copytree(digits.ROOT / "data", tmp_path / "data")
    load(path)


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="no tensorboard")
def test_tensorboard_reads_a_run_that_was_broken_off(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    settings = {"log": Tensorboard(), "save_steps": 3}
    broken(small(digits.data(), settings=settings), tmp_path, {8, 33}, pull)
    run = tmp_path / "digits/1"
    events = EventAccumulator(str(run))
    events.Reload()
    wanted: dict[str, list[tuple[int, float]]] = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        step = record.pop("step")
        del record["epoch"]
        for name, value in record.items():
            wanted.setdefault(name.replace(".", "/"), []).append((step, pytest.approx(value)))
    assert sorted(events.Tags()["scalars"]) == sorted(wanted)
    for tag, points in wanted.items():
        assert [(event.step, event.value) for event in events.Scalars(tag)] == points
