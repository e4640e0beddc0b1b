"""Parameters as settings name them: submodules of the section's instances, and patterns."""

from __future__ import annotations

from collections.abc import Sequence

from specc.analysis.values import Instance, ListValue, Part, Plain, TensorValue, Value
from specc.ir import expr as ir

WILD = "*?["


def parameter_names(value: Value) -> tuple[str, ...] | None:
    """The texts that a value stands for: ``model.head`` for the submodule, a pattern as it is.

    ``None`` where it is, or holds, something else.
    """
    match value:
        case ListValue(items=items):
            found = [parameter_names(item) for item in items]
            return None if None in found else tuple(n for names in found for n in names or ())
        case Plain(value=str() as pattern):
            return (pattern,)
        case Instance(name=name):
            return (name,)
        case Part(instance=instance, path=path):
            return (".".join((instance.name, *path)),)
        case TensorValue(expr=ir.Submodule(path=path)):
            return (path,)
    return None


def all_within(names: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of the names is one of the others or a part of it, patterns aside."""

    def inside(name: str, other: str) -> bool:
        whole = (other, f"model.{other}")
        return not any(c in name + other for c in WILD) and any(
            name == each or name.startswith(f"{each}.") for each in whole
        )

    return all(any(inside(name, other) for other in others) for name in names)
