"""What makes a run that run: with another plan or other data, going on would be a third thing."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor

from specc.components import Ragged, Streamed
from specc.training.contract import TrainPlan
from specc.training.making import passing

WITHOUT_EFFECT = {"log", "resident", "save_seconds", "save_steps", "keep_last", "strategy"}
"""Settings that change nothing of what is computed, but perhaps its last bits."""

SHOWN_LINES = 30


def identity(plan: TrainPlan) -> dict[str, Any]:
    """Everything that the outcome depends on, as JSON: settings, what the code computes, data.

    Comments and layout of the spec are no part of it.
    """
    settings = {
        key: value if isinstance(value, (int, float, str, bool, type(None))) else described(value)
        for key, value in plan.settings
        if key not in WITHOUT_EFFECT
    }
    return {
        "settings": settings,
        "models": described(plan.arguments),
        **steps_described(plan),
        "code": {
            name: _digest(_meaning(text).encode())
            for name, text in sorted(plan.files.items())
            if name.endswith(".py")
        },
        "rows": plan.rows,
        "weights": None if plan.weights is None else _tensor_digest(plan.weights),
        "loads": dict(plan.loads),
        "augments": [[*each.fields, described(each.component)] for each in plan.augments],
        "data": {
            f"{split}.{name}": _column_digest(column[: plan.rows[split]])
            for split, fields in plan.splits.items()
            for name, column in fields.items()
        },
    }


def hashed(identity: Mapping[str, Any]) -> str:
    """One digest for an identity."""
    return _digest(json.dumps(identity, sort_keys=True).encode())


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What changed, a line each: ``settings.epochs: 20 -> 30``."""
    old, new = dict(_flat(before)), dict(_flat(now))
    lines = []
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) == new.get(key):
            continue
        if key.startswith("data."):
            lines.append(f"{key.removeprefix('data.')}: other values")
        elif key.startswith("code."):
            lines.append(f"{key.removeprefix('code.')}: computes something else")
        else:
            lines.append(f"{key}: {_shown(old, key)} -> {_shown(new, key)}")
    return lines


def text_differences(before: str, now: str, old: str, new: str) -> list[str]:
    """The lines of a spec that changed, as diff shows them; ``old`` and ``new`` name the two."""
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), old, new, lineterm="", n=1)
    found = list(lines)
    more = [f"... and {len(found) - SHOWN_LINES} more lines"] if len(found) > SHOWN_LINES else []
    return found[:SHOWN_LINES] + more


def steps_described(plan: TrainPlan) -> dict[str, Any]:
    """How the weights move, as JSON; of a section with steps, each under its name."""
    found = {
        step.name: {
            "optimizer": described(step.optimizer),
            "schedule": described(step.schedule),
            "update": list(step.update),
            "groups": {
                group.name: {"names": list(group.names), **described(group.optimizer)}
                for group in step.groups
            },
            **({} if step.settings is None else dict(step.settings)),
        }
        for step in plan.steps
    }
    return found.get("") or {"steps": found}


def described(component: Any) -> Any:
    """A component as JSON: its name in a spec and its fields."""
    if component is None or isinstance(component, (int, float, str, bool)):
        return component
    if isinstance(component, (list, tuple)):
        return [described(item) for item in component]
    if isinstance(component, Mapping):
        return {name: described(item) for name, item in component.items()}
    if not isinstance(component, BaseModel):
        return str(component)
    name = type(component).__module__.rpartition(".")[2]
    return {"name": name} | {key: described(value) for key, value in component}


def _meaning(text: str) -> str:
    """Python source without comments, layout and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)


def _column_digest(column: Tensor | Ragged | Streamed) -> str:
    if isinstance(column, Streamed):
        return _streamed_digest(column)
    if isinstance(column, Ragged):
        return _tensor_digest(column.values) + _tensor_digest(column.lengths)
    return _tensor_digest(column)


def _tensor_digest(tensor: Tensor) -> str:
    return _parts_digest(tensor.shape[0], [tensor])


def _parts_digest(rows: int, parts: Iterable[Tensor]) -> str:
    """The digest of a tensor that comes in parts."""
    digest = None
    for part in parts:
        if digest is None:
            digest = hashlib.sha256(f"{part.dtype} {(rows, *part.shape[1:])} ".encode())
        values = part.detach().cpu().contiguous().reshape(-1)
        if values.numel():
            digest.update(values.view(torch.uint8).numpy().data)
    assert digest is not None, "a split has rows"
    return digest.hexdigest()


def _streamed_digest(column: Streamed) -> str:
    """As if the column were in memory; where rows are ragged, by a pass for each of its tensors."""
    first = next(passing(column))
    if not isinstance(first, Ragged):
        return _parts_digest(len(column), passing(column))
    values = sum(len(part.values) for part in passing(column))
    return _parts_digest(values, (part.values for part in passing(column))) + _parts_digest(
        len(column), (part.lengths for part in passing(column))
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def _shown(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key]) if key in values else "not there"
