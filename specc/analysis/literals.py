"""Literals, names and what stands after a dot."""

from __future__ import annotations

import math

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import errors_values as values
from specc.analysis import plain
from specc.analysis.frame import Frame
from specc.analysis.values import (
    POISON,
    Instance,
    Namespace,
    Part,
    Plain,
    Poison,
    Recipe,
    RecordValue,
    Special,
    TensorValue,
    Value,
    describe,
)
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import tree
from specc.types.terms import Const


def on_int(node: tree.IntLiteral, frame: Frame) -> Value:
    """A whole number of at most 64 bits."""
    if node.value > plain.LARGEST_INT:
        return frame.error(
            values.BAD_ARITHMETIC, "the number is too large", node.span, "more than 64 bits"
        )
    return Plain.of(node.value)


def on_float(node: tree.FloatLiteral, frame: Frame) -> Value:
    """A finite number."""
    if not math.isfinite(node.value):
        return frame.error(
            values.BAD_ARITHMETIC,
            "the number is too large",
            node.span,
            "not a finite number",
            help="the largest is about 1.8e308",
        )
    return Plain(node.value, Const(node.value, node.text))


def on_literal(node: tree.StringLiteral | tree.BoolLiteral, frame: Frame) -> Value:
    """A string, ``true`` or ``false``."""
    return Plain.of(node.value)


def on_none(node: tree.NoneLiteral, frame: Frame) -> Value:
    """``none``."""
    return Plain.of(None)


def on_name(node: tree.Name, frame: Frame) -> Value:
    """A name: bound here, or a component that is named without being configured."""
    binding = frame.find(node.id)
    if binding is not None:
        return frame.standing_alone(binding.value, node)
    entry = frame.context.registry.find(node.id, frame.recipe_kinds)
    if entry is not None:
        return frame.standing_alone(Recipe(entry, (), node.span, node.id), node)
    if node.id in plain.FUNCTIONS:
        return frame.error(
            meaning.NOT_A_VALUE,
            f"`{node.id}` is a function on plain values",
            node.span,
            "has to be called",
            help=f"call it: `{node.id}(...)`",
        )
    return frame.unknown_name(node)


def on_attribute(node: tree.Attribute, frame: Frame) -> Value:
    """``value.name``, or a component of a plugin by its full name."""
    if isinstance(node.value, tree.Name) and frame.find(node.value.id) is None:
        qualified = f"{node.value.id}.{node.name.id}"
        entry = frame.context.registry.find(qualified, frame.recipe_kinds)
        if entry is not None:
            return frame.standing_alone(Recipe(entry, (), node.span, qualified), node)
    value = frame.evaluate(node.value)
    name = node.name.id
    match value:
        case Poison():
            return POISON
        case Namespace(name=alias, members=members):
            if name in members:
                return members[name]
            return _no_member(frame, node.name, f"the file `{alias}`", members)
        case RecordValue(fields=fields):
            if name in fields:
                return fields[name]
            return _no_member(frame, node.name, f"{describe(value)}", fields)
        case TensorValue(attributes=attributes) if attributes:
            if name in attributes:
                return attributes[name]
            return _no_member(frame, node.name, "this field", attributes)
        case Special():
            return value.member(frame, node.name) or _no_member(
                frame, node.name, describe(value), ()
            )
        case Instance():
            return frame.member(Part(value, ()), node.name)
        case Part():
            return frame.member(value, node.name)
        case TensorValue():
            return _no_method(frame, node, value)
        case _:
            return _no_member(frame, node.name, describe(value), ())


def _no_method(frame: Frame, node: tree.Attribute, value: TensorValue) -> Poison:
    """``x.flatten()``, ``x.shape``, ``x.T``: habits of Python, as they are said here."""
    name, text = node.name.id, node.value.span.text
    x = text if len(text) <= 20 and "\n" not in text else "x"
    registry = frame.context.registry
    right = name if registry.candidates(name, frame.kinds) else None
    right = right or registry.known_as(name, frame.kinds)
    if name in ("shape", "size", "ndim"):
        help_: str | None = (
            f"sizes have names in a type, such as `h: float[B, T, D] = {x}`, and these are numbers"
        )
    elif name in ("T", "mT"):
        help_ = f"write `{x} |> transpose(-2, -1)`"
    else:
        help_ = f"tensors are piped: `{x} |> {right}`" if right else None
    return frame.error(
        naming.NO_MEMBER,
        f"{describe(value)} has no `{name}`",
        node.name.span,
        "not found",
        help=help_ or "tensors have no methods: they are piped, `x |> relu`",
    )


def _no_member(frame: Frame, name: tree.Name, owner: str, members: object) -> Poison:
    known = [str(member) for member in members]  # type: ignore[attr-defined]
    listed = f"it has {', '.join(f'`{m}`' for m in known)}" if known else None
    return frame.error(
        naming.NO_MEMBER,
        f"{owner} has no `{name.id}`",
        name.span,
        "not found",
        help=did_you_mean(name.id, known) or listed,
    )
