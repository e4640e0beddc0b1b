"""A program as JSON and back: what is hashed, stored beside a run, and printed by ``--emit ir``.

Every node is an object that names its class by ``kind``.
"""

from __future__ import annotations

import hashlib

import msgspec

from specc.ir.program import Program


def to_json(program: Program) -> str:
    """One line of JSON; equal programs give equal text, whatever the process.

    Fields that have their default are left out, and keys stand in a fixed order.
    """
    return msgspec.json.encode(program).decode()


def from_json(text: str) -> Program:
    """The program that `to_json` wrote; raises `ValueError` for any other text."""
    try:
        read = msgspec.json.decode(text, type=Program)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not the IR of a program: {error}") from None
    if to_json(read) != text:
        raise ValueError("not the IR of a program")
    return read


def digest(program: Program) -> str:
    """The SHA-256 of `to_json`, in hex."""
    return hashlib.sha256(to_json(program).encode()).hexdigest()
