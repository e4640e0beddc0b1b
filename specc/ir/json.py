"""A program as JSON and back: what is hashed, stored beside a run, and printed by ``--emit ir``.

Every node is an object that names its class by ``kind``. A reader that follows annotations would
try each member of a union and take time exponential in the depth, so the kind alone decides here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from specc.ir import expr as expressions
from specc.ir import program as programs
from specc.ir.program import Program
from specc.types import terms
from specc.types.terms import Const


def to_json(program: Program) -> str:
    """One line of JSON; equal programs give equal text, whatever the process.

    Fields that have their default are left out, and keys stand in a fixed order.
    """
    return json.dumps(_plain(program), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> Program:
    """The program that `to_json` wrote; raises `ValueError` for any other text."""
    try:
        read = _node(json.loads(text))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not the IR of a program: {error}") from None
    if not isinstance(read, Program) or to_json(read) != text:
        raise ValueError("not the IR of a program")
    return read


def digest(program: Program) -> str:
    """The SHA-256 of `to_json`, in hex."""
    return hashlib.sha256(to_json(program).encode()).hexdigest()


def _kinds() -> dict[str, type]:
    """Every class of the IR by its kind."""
    found: dict[str, type] = {}
    for module in (expressions, programs, terms):
        for value in vars(module).values():
            fields = getattr(value, "__dataclass_fields__", {})
            if isinstance(value, type) and "kind" in fields:
                kind = fields["kind"].default
                assert found.setdefault(kind, value) is value, kind
    return found


_KINDS = _kinds()


def _node(value: Any) -> Any:
    """What was read as dataclasses and tuples."""
    if isinstance(value, list):
        return tuple(_node(item) for item in value)
    if isinstance(value, dict):
        return _KINDS[value["kind"]](**{key: _node(item) for key, item in value.items()})
    return value


def _plain(node: Any) -> Any:
    """Dataclasses as objects that carry their ``kind``, tuples as arrays."""
    if isinstance(node, tuple):
        return [_plain(item) for item in node]
    if not dataclasses.is_dataclass(node):
        return node
    found: dict[str, Any] = {"kind": node.__dataclass_fields__["kind"].default}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if field.name != "kind" and (isinstance(node, Const) or value != field.default):
            found[field.name] = _plain(value)
    return found
