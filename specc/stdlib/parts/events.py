"""The event files of TensorBoard: records of TensorFlow that hold protocol buffers.

A record is its length, a checksum of that, the data, and a checksum of these
(https://www.tensorflow.org/tutorials/load_data/tfrecord); the messages are ``Event`` and
``Summary`` of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from pathlib import Path

POLYNOMIAL = 0x82F63B78
"""CRC-32C (Castagnoli), bits reversed."""


class EventFile:
    """An event file that begins anew."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self._record(_double(1, time.time()) + _bytes(3, b"brain.Event:2"))

    def add(self, step: int, scalars: Mapping[str, float]) -> None:
        """One event with some scalars by their tags."""
        summary = b"".join(
            _bytes(1, _bytes(1, tag.encode()) + _float(2, value)) for tag, value in scalars.items()
        )
        self._record(_double(1, time.time()) + _number(2, step) + _bytes(5, summary))
        self.file.flush()

    def close(self) -> None:
        self.file.close()

    def _record(self, data: bytes) -> None:
        length = struct.pack("<Q", len(data))
        parts = (length, _checksum(length), data, _checksum(data))
        self.file.write(b"".join(parts))


def crc32c(data: bytes) -> int:
    """The checksum of some bytes."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _checksum(data: bytes) -> bytes:
    value = crc32c(data)
    rotated = (value >> 15 | value << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_entry(byte) for byte in range(256)]


# --- protocol buffers: a key of field and wire type, then the value ------------------------------


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    try:
        packed = struct.pack("<f", value)
    except OverflowError:  # beyond what 32 bits hold
        packed = struct.pack("<f", float("inf") if value > 0 else float("-inf"))
    return _varint(field << 3 | 5) + packed


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value
