"""A program as JSON and back: what is hashed, stored beside a run, and printed by ``--emit ir``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from specc.ir.program import Program
from specc.types.terms import Const

__all__ = ["digest", "from_json", "to_json"]


def to_json(program: Program) -> str:
    """One line of JSON; equal programs give equal text, whatever the process.

    Fields that have their default are left out, and keys stand in a fixed order.
    """
    return json.dumps(_plain(program), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> Program:
    """The program that `to_json` wrote; raises `pydantic.ValidationError` for any other text."""
    return _adapter().validate_json(text)


def digest(program: Program) -> str:
    """The SHA-256 of `to_json`, in hex."""
    return hashlib.sha256(to_json(program).encode()).hexdigest()


@cache
def _adapter() -> TypeAdapter[Program]:
    return TypeAdapter(Program)


def _plain(node: Any) -> Any:
    """Dataclasses as objects that carry their ``kind``, tuples as arrays."""
    if isinstance(node, tuple):
        return [_plain(item) for item in node]
    if not dataclasses.is_dataclass(node):
        return node
    found = {"kind": getattr(node, "kind")}  # noqa: B009
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if field.name != "kind" and (isinstance(node, Const) or value != field.default):
            found[field.name] = _plain(value)
    return found
