"""Columns of a source and the fields that are made of them, as values of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct, field

from specc.analysis import errors_sections as errors
from specc.analysis.frame import Frame
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    Special,
    Value,
    describe,
    to_python,
)
from specc.components import Augmentation, Refusal, Source, Split, Transform
from specc.components.data import Schema
from specc.components.ragged import is_ragged
from specc.diagnostics import Span
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class SourceValue(Special, frozen=True):
    """``source``: its fields by name, by pattern, or stacked."""

    schema: Schema

    def describe(self) -> str:
        return "the source"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        return self.columns(frame, (name.id,), False, name.span)

    def item(self, frame: Frame, node: tree.Index) -> Value | None:
        """``source["p*"]`` or ``source[["a", "b"]]``: columns stacked along a last axis."""
        if len(node.items) != 1 or isinstance(node.items[0], tree.Slice | tree.EllipsisItem):
            return None
        value = frame.evaluate(node.items[0])
        if isinstance(value, Poison):
            return POISON
        names = to_python(value)
        if isinstance(names, str):
            stacked = names not in self.schema.fields
            return self.columns(frame, (names,), stacked, node.items[0].span)
        if isinstance(value, ListValue) and names and all(isinstance(n, str) for n in names):
            return self.columns(frame, tuple(names), True, node.items[0].span)
        return frame.error(
            errors.BAD_FIELD,
            f"columns are named by strings, not by {describe(value)}",
            node.items[0].span,
            "not a name",
            help='`source["price"]`, `source["p*"]` or `source[["a", "b"]]`',
        )

    def columns(self, frame: Frame, names: tuple[str, ...], stacked: bool, span: Span) -> Value:
        """One column, or several of one type along a new last axis."""
        try:
            chosen = self.schema.select(names)
        except Refusal as refusal:
            frame.error(refusal.code, refusal.message, span, refusal.label, help=refusal.help)
            return POISON
        types = [self.schema.fields[name] for name in chosen]
        element, dims = types[0].element, types[0].dims
        for name, type_ in zip(chosen, types, strict=True):
            if type_.element.name != element.name:
                numeric = {element.name, type_.element.name} <= {"int", "float"}
                if not numeric:
                    return frame.error(
                        errors.BAD_FIELD,
                        f"`{chosen[0]}` is {types[0]} and `{name}` is {type_}",
                        span,
                        "columns of different kinds do not stack",
                    )
                element = type_.element if type_.element.name == "float" else element
        if stacked:
            if any(is_ragged(dim) for type_ in types for dim in type_.dims):
                return frame.error(
                    errors.BAD_FIELD,
                    f"`{chosen[0]}` is {types[0]}: ragged columns do not stack",
                    span,
                    "rows of different lengths",
                    help="make a field of each",
                )
            other = next((k for k, type_ in enumerate(types) if type_.dims != dims), None)
            if other is not None:
                return frame.error(
                    errors.BAD_FIELD,
                    f"`{chosen[0]}` is {types[0]} and `{chosen[other]}` is {types[other]}",
                    span,
                    "columns of different shapes do not stack",
                )
            dims = (*dims, Dim.of(len(chosen)))
        return ColumnValue(chosen, stacked, (), TensorType(element, dims))


class ColumnValue(Special, frozen=True):
    """Columns of the source with the transforms that they went through."""

    without_operators: ClassVar[str | None] = (
        "columns are changed by transforms, such as `|> scale(min=0, max=16)` or `|> standardize`"
    )

    columns: tuple[str, ...]
    stacked: bool
    transforms: tuple[Transform, ...]
    type: TensorType
    attributes: Mapping[str, Dim | tuple[Dim, ...]] = field(default_factory=dict)
    random: tuple[Augmentation, ...] = ()
    """What changes its rows at random after that, in every split."""

    def describe(self) -> str:
        return f"a column {self.type}"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        size = self.attributes.get(name.id)
        return attribute_value(size) if size is not None else None


def attribute_value(size: Dim | tuple[Dim, ...]) -> Value:
    """A fitted size as a value of the language."""
    if isinstance(size, Dim):
        return Plain.from_dim(size)
    return ListValue.of(tuple(Plain.from_dim(each) for each in size))


class Augmented(Struct, frozen=True):
    """An augmentation of some fields: of the training rows, or ``everywhere``."""

    fields: tuple[str, ...]
    component: Augmentation
    everywhere: bool = False


class DataSection(Struct, eq=False):
    """A data section, checked. ``fields`` is empty where the source is not there."""

    name: str
    section: tree.Section
    source: Source | None = None
    schema: Schema | None = None
    split: Split | None = None
    fields: dict[str, ColumnValue] = field(default_factory=dict)
    augments: list[Augmented] = field(default_factory=list)
    """What changes which fields at random, in order."""

    spans: dict[str, Span] = field(default_factory=dict)
    """Where each setting and field is said."""
