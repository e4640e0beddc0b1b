"""What ``specc show COMPONENT`` says: its signature, its fields, its documentation."""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from specc.components import Component, TensorComponent
from specc.components import fields as field_types
from specc.components.learning import Schedule
from specc.diagnostics.paint import Paint
from specc.registry import Entry
from specc.showing.aligned import aligned


@dataclass(frozen=True)
class ShownComponent:
    """A component as a page; a field is its name, its type and its default."""

    name: str
    kind: str
    owner: str
    signature: str | None
    fields: tuple[tuple[str, str, str | None], ...]
    doc: str

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        fields = [{"name": n, "type": t, "default": d} for n, t, d in self.fields]
        return {
            "name": self.name,
            "kind": self.kind,
            "owner": self.owner,
            "signature": self.signature,
            "fields": fields,
            "doc": self.doc,
        }


def show_component(entry: Entry) -> ShownComponent:
    """The page of a component, made of its class."""
    cls = entry.load()
    signature = cls.signature if issubclass(cls, TensorComponent) else None
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = tuple(
        (
            name.removesuffix("_"),
            type_name(hints[name]),
            None if info.is_required() else _default(hints[name], info),
        )
        for name, info in cls.model_fields.items()
    )
    return ShownComponent(entry.name, entry.kind, str(entry.owner), signature, fields, _doc(cls))


def render_component(shown: ShownComponent, color: bool = False) -> str:
    """The page as text."""
    paint = Paint(color)
    call = ", ".join(
        name if default is None else f"{name}={default}" for name, _, default in shown.fields
    )
    lines = [paint(f"{shown.name}({call})" if call else shown.name, "strong")]
    lines.append(f"  {shown.kind} of {shown.owner}")
    if shown.signature is not None:
        lines.append(f"  {shown.signature}")
    lines += ["", *shown.doc.splitlines()]
    if shown.fields:
        rows = [
            (f"  {name}", kind, "required" if default is None else f"= {default}")
            for name, kind, default in shown.fields
        ]
        lines += ["", *aligned(rows)]
    return "\n".join(lines) + "\n"


def _doc(cls: type[Component]) -> str:
    doc = inspect.cleandoc(cls.__doc__ or "")
    if issubclass(cls, Schedule):
        doc += "\n\n" + inspect.cleandoc(Schedule.__doc__ or "").partition("\n\n")[2]
    return doc


def _default(hint: Any, info: FieldInfo) -> str:
    """A default as a spec writes it; equal sizes of several axes are written once."""
    value = info.get_default(call_default_factory=True)
    if isinstance(value, tuple) and len(set(value)) == 1 and not type_name(hint).startswith("list"):
        value = value[0]
    return plain_text(value)


def plain_text(value: Any) -> str:
    """A plain value as a spec writes it."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(plain_text, value))}]"
    return str(value)


_SAID = {
    "Size": "size",
    "Count": "count",
    "Single": "size",
    "Pair": "size or [height, width]",
    "Triple": "size or a list of 3",
    "SingleCount": "count",
    "PairCount": "count or [height, width]",
    "TripleCount": "count or a list of 3",
    "Sizes": "list of sizes",
    "Ints": "list of ints",
    "Floats": "list of floats",
    "Texts": "list of strings",
    "FloatPair": "list of 2 floats",
    "Probability": "float from 0 to 1",
    "Positive": "float above 0",
    "Positives": "list of floats above 0",
    "NotNegative": "float of at least 0",
}


def type_name(hint: Any) -> str:
    """The type of a field in the words of the language."""
    for name, value in vars(field_types).items():
        if name in _SAID and value == hint:
            return _SAID[name]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin is typing.Literal:
        return " or ".join(plain_text(value) for value in arguments)
    if origin in (tuple, list):
        inner = [type_name(a) for a in arguments if a is not ...]
        return f"list of {inner[0]}" if len(set(inner)) == 1 else f"[{', '.join(inner)}]"
    if arguments:  # a union
        return " or ".join(dict.fromkeys(type_name(each) for each in arguments))
    if hint is type(None):
        return "none"
    return {"str": "string", "Dim": "size", "Any": "value"}.get(
        getattr(hint, "__name__", ""), getattr(hint, "__name__", str(hint)).lower()
    )
