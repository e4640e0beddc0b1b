"""The arguments of a component: bound to its fields, validated, mistakes mapped to their places."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, get_args

from msgspec import Struct
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from specc.analysis import errors_values as errors
from specc.analysis.arguments import bind_arguments
from specc.analysis.frame import Frame
from specc.analysis.values import (
    POISON,
    Argument,
    ListValue,
    Poison,
    Recipe,
    Value,
    plain_term,
    to_python,
)
from specc.components import Component, TensorComponent
from specc.components.fields import describe as describe_python
from specc.diagnostics import Span
from specc.registry import Entry
from specc.types.dim import Dim
from specc.types.terms import Term


class Settings(Struct, frozen=True):
    """A validated component, its written fields and where they stand."""

    component: Component
    written: Mapping[str, Term]
    spans: Mapping[str, Span]
    values: Mapping[str, Value]
    flawed: bool = False
    """Whether an argument is wrong, which is reported; the component is made without it."""

    missing: frozenset[str] = frozenset()
    """Fields whose arguments are wrong, and which have their defaults for now."""


def configure(frame: Frame, cls: type[Component], recipe: Recipe, place: Span) -> Settings | None:
    """The component that a recipe describes; mistakes are reported and give ``None``."""
    settings = configure_leniently(frame, cls, recipe, place)
    return None if settings is None or settings.flawed else settings


def configure_leniently(
    frame: Frame,
    cls: type[Component],
    recipe: Recipe,
    place: Span,
    sizes: Collection[Dim] = (),
) -> Settings | None:
    """The component that a recipe describes; mistakes are reported.

    Where it can be made without the arguments that are wrong, it is, and says so. ``sizes`` are
    those of the tensors that it is applied to.
    """
    given, good = bind_arguments(frame, cls, recipe, sizes)
    python = {name: _unwrap(frame, argument.value) for name, argument in given.items()}
    missing = {name for name, value in python.items() if isinstance(value, Poison)}
    python = {name: value for name, value in python.items() if name not in missing}
    try:
        component = cls.model_validate(python)
    except ValidationError as error:
        complete = good and not missing
        _report(frame, cls, f"`{recipe.written}`", given, error, place, complete=complete)
        missing |= {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        try:
            component = cls.model_validate({n: v for n, v in python.items() if n not in missing})
        except ValidationError:
            return None
        good = False
    kept = {name: argument for name, argument in given.items() if name not in missing}
    terms = {name: plain_term(argument.value) for name, argument in kept.items()}
    return Settings(
        component,
        {name: term for name, term in terms.items() if term is not None},
        {name: argument.span for name, argument in kept.items()},
        {name: argument.value for name, argument in kept.items()},
        flawed=not good or bool(missing),
        missing=frozenset(missing),
    )


def words_of(cls: type[Component], field: str) -> set[str]:
    """The strings that a field has a choice of."""
    pending: list[Any] = [cls.model_fields[field].annotation] if field in cls.model_fields else []
    found: set[str] = set()
    while pending:
        parts = get_args(pending.pop())
        found.update(part for part in parts if isinstance(part, str))
        pending += [part for part in parts if not isinstance(part, str)]
    return found


def validate(
    frame: Frame, cls: type[BaseModel], what: str, given: Mapping[str, Argument], place: Span
) -> BaseModel | None:
    """The settings of a section; mistakes are reported and give ``None``."""
    python = {name: _unwrap(frame, argument.value) for name, argument in given.items()}
    if any(isinstance(value, Poison) for value in python.values()):
        return None
    try:
        return cls.model_validate(python)
    except ValidationError as error:
        _report(frame, cls, f"`{what}`", given, error, place)
        return None


def changed(
    frame: Frame, component: Component, spoken: str, given: Mapping[str, Argument], place: Span
) -> Component | None:
    """A component with some fields set otherwise; mistakes are reported and give ``None``."""
    python = {name: _unwrap(frame, argument.value) for name, argument in given.items()}
    try:
        return type(component).model_validate({**dict(component), **python})
    except ValidationError as error:
        _report(frame, type(component), spoken, given, error, place)
        return None


def _unwrap(frame: Frame, value: Value) -> Any:
    """A value for Pydantic; a component without tensors (a source, say) is configured first."""
    if isinstance(value, Recipe) and isinstance(value.target, Entry):
        cls = value.target.load(value.span)
        if not issubclass(cls, TensorComponent):
            settings = configure(frame, cls, value, value.span)
            return POISON if settings is None else settings.component
    if isinstance(value, ListValue) and any(isinstance(item, Recipe) for item in value.items):
        items = [_unwrap(frame, item) for item in value.items]
        return POISON if any(isinstance(item, Poison) for item in items) else items
    return to_python(value)


def _report(
    frame: Frame,
    cls: type[BaseModel],
    spoken: str,
    given: Mapping[str, Argument],
    error: ValidationError,
    place: Span,
    *,
    complete: bool = True,
) -> None:
    """One diagnostic for each field that Pydantic refused.

    Where the arguments are not ``complete``, a missing one may be what another was meant to be.
    """
    seen: set[str] = set()
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        if name in seen:  # a union reports each of its members
            continue
        seen.add(name)
        if detail["type"] == "missing":
            if not issubclass(cls, Component) or not complete:
                continue  # a section says itself what it lacks
            frame.error(
                errors.MISSING_PARAMETER,
                f"{spoken} needs `{name}`",
                place,
                f"`{name}` is missing",
                help=f"write `{spoken.strip('`')}({_sketch(cls, given)})`",
            )
            continue
        argument = given.get(name)
        value = detail["input"] if argument is None else to_python(argument.value)
        if isinstance(value, Dim):
            frame.error(
                errors.NOT_KNOWN,
                f"`{name}` of {spoken} must be known before the model is built",
                argument.span if argument else place,
                f"{value} is not known yet",
                help=errors.FIX_THE_SIZE,
            )
            continue
        details = [d for d in error.errors(include_url=False) if d["loc"][:1] == (name,)]
        frame.error(
            errors.BAD_VALUE,
            f"`{name}` of {spoken} {_reason(details, value)}"
            if name
            else f"{spoken} {_reason(details or [detail], value)}",
            argument.span if argument else place,
            _shown(value) if argument else "",
            help=_mended(details, value, argument.span.text if argument else "")
            or _default(cls, name),
        )


def _shown(value: Any) -> str:
    return f"got {describe_python(value)}"


def _sketch(cls: type[BaseModel], given: Mapping[str, Argument]) -> str:
    """The call as written, with the required fields that it lacks."""
    written = [argument.whole.text for argument in given.values()]
    parts = [text if len(text) <= 40 and "\n" not in text else "..." for text in written]
    missing = [n for n, f in cls.model_fields.items() if f.is_required() and n not in given]
    return ", ".join(parts + [f"{name}=..." for name in missing])


def _default(cls: type[BaseModel], name: str) -> str | None:
    """What the field is where it is not written."""
    info = cls.model_fields.get(name)
    if info is None or info.is_required() or not isinstance(info.default, (bool, int, float, str)):
        return None
    value = info.default
    shown = json.dumps(value) if isinstance(value, (bool, str)) else f"{value:g}"
    return f"the default is {shown}"


def _mended(details: list[ErrorDetails], value: Any, written: str) -> str | None:
    """The hint for a value that is nearly right."""
    text = _reason(details, value) if details else ""
    if "whole number" in text and isinstance(value, float):
        if "/" in written:
            return "`//` divides to a whole number"
        return f"write `{int(value)}`" if value == int(value) else None
    if isinstance(value, str) and ("number" in text or "true or false" in text):
        unquoted = value.strip()
        looks = unquoted.replace(".", "", 1).isdigit() or unquoted in ("true", "false")
        return f"write `{unquoted}`, without quotes" if looks else None
    if "at most 1" in text and isinstance(value, (int, float)) and 2 <= value <= 100:
        return f"{value} % is written `{value / 100:g}`"
    return None


_WORDS = {
    "int_type": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_type": "has to be a number",
    "bool_type": "has to be true or false",
    "string_type": "has to be a string",
    "tuple_type": "has to be a list",
    "list_type": "has to be a list",
    "finite_number": "has to be a finite number",
}


def _reason(details: list[ErrorDetails], value: Any) -> str:
    """What Pydantic found, in the words of the language; alternatives joined."""
    found: list[str] = []
    for detail in details:
        kind, context = detail["type"], detail.get("ctx", {})
        if kind in ("value_error", "assertion_error"):
            text = str(context.get("error", detail["msg"]))
            text = (
                text
                if text.startswith(("has to", "must", "cannot", "is "))
                else f"is wrong: {text}"
            )
        elif kind in ("literal_error", "enum"):
            text = f"has to be {str(context['expected']).replace(chr(39), chr(34))}"
        elif kind in _WORDS:
            text = _WORDS[kind]
        elif kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
            word = {
                "greater_than": ("more than", "gt"),
                "greater_than_equal": ("at least", "ge"),
                "less_than": ("less than", "lt"),
                "less_than_equal": ("at most", "le"),
            }[kind]
            bound = context[word[1]]
            text = f"has to be {word[0]} {int(bound) if bound == int(bound) else bound}"
        elif kind in ("too_short", "too_long"):
            bound = context.get("min_length", context.get("max_length"))
            text = f"has to have {bound} items, not {context['actual_length']}"
        else:
            text = detail["msg"][0].lower() + detail["msg"][1:]
            text = f"is wrong: {text}"
        if len(detail["loc"]) > 1 and isinstance(detail["loc"][-1], int):
            text = f"item {detail['loc'][-1]} {text}"
        if text not in found:
            found.append(text)
    shown = [found[0], *(text.removeprefix("has to be ") for text in found[1:])]
    return " or ".join(shown)
