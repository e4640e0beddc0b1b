"""Parameters of models: their types, defaults and values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis import errors_values as errors
from specc.analysis.arguments import is_setting, takes_only
from specc.analysis.definitions import ModelDefinition
from specc.analysis.frame import Frame
from specc.analysis.values import (
    ListValue,
    Plain,
    Poison,
    Recipe,
    Value,
    describe,
    plain_term,
)
from specc.diagnostics import Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.terms import Const, Ref, Term

SCALARS = {"int", "float", "bool", "str", "layer"}


class Bound(Struct, frozen=True):
    """Values of all parameters; ``given`` are those that the caller wrote, as arguments."""

    values: Mapping[str, Value]
    given: tuple[ir.Given, ...]
    terms: Mapping[str, Term]


def bind(caller: Frame, definition: ModelDefinition, recipe: Recipe, place: Span) -> Bound | None:
    """The parameters of one application; mistakes are reported and give ``None``."""
    declared = {p.name.id: p for p in definition.section.parameters or ()}
    order = list(declared)
    found: dict[str, Value] = {}
    first: dict[str, Span] = {}
    given: list[ir.Given] = []
    good, position = True, 0
    for argument in recipe.arguments:
        if not is_setting(caller, argument, recipe):
            good = False
            continue
        name = argument.name
        if name is None:
            if position >= len(order):
                caller.error(
                    errors.TOO_MANY,
                    takes_only(definition.name, order),
                    argument.span,
                    "one too many",
                    help="tensors are piped in; add a parameter to the model for anything else",
                )
                good = False
                continue
            name = order[position]
            position += 1
        if name not in declared:
            listed = ", ".join(f"`{each}`" for each in order)
            caller.error(
                errors.UNKNOWN_PARAMETER,
                f"`{definition.name}` has no parameter `{name}`",
                argument.name_span or argument.span,
                "unknown parameter",
                help=did_you_mean(name, declared)
                or (f"it takes {listed}" if listed else "it takes none"),
            )
            good = False
        elif name in found:
            caller.error(
                errors.GIVEN_TWICE,
                f"`{name}` of `{definition.name}` is given twice",
                argument.whole,
                "the second value",
                labels=(Label(first[name], "the first one"),),
                help="remove one of them",
            )
            good = False
        elif not matches(caller, declared[name], argument.value, argument.span, definition.name):
            good = False
        else:
            found[name], first[name] = argument.value, argument.whole
            term = plain_term(argument.value)
            if term is not None:
                given.append(ir.Given(name, term, argument.name is not None))
    values: dict[str, Value] = {}
    for name, parameter in declared.items():
        if name in found:
            values[name] = found[name]
        elif parameter.default is not None:
            values[name] = default(caller, definition, parameter)
            good = good and not isinstance(values[name], Poison)
        elif good:
            caller.error(
                errors.MISSING_PARAMETER,
                f"`{definition.name}` needs `{name}`",
                place,
                f"`{name}` is missing",
                help=f"it has no default: `{definition.name}({name}=...)`",
            )
            good = False
    if not good:
        return None
    terms = {name: t for name, value in values.items() if (t := plain_term(value)) is not None}
    return Bound(values, tuple(given), terms)


def default(caller: Frame, definition: ModelDefinition, parameter: tree.Parameter) -> Value:
    """The default of a parameter, evaluated among the names of its file."""
    assert parameter.default is not None
    frame = caller.top_level(definition.scope)
    value = frame.evaluate(parameter.default)
    if not isinstance(value, Poison):
        matches(frame, parameter, value, parameter.default.span, definition.name)
    return value


def matches(frame: Frame, parameter: tree.Parameter, value: Value, span: Span, model: str) -> bool:
    """Whether a value has the declared type; else it is reported."""
    if isinstance(value, Poison):
        return False
    if parameter.type is None:
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            f"parameter `{parameter.name.id}` needs a type",
            parameter.name.span,
            "of which type?",
            help="`int`, `float`, `bool`, `str`, `layer`, or `list[...]` of these",
        )
        return False
    wanted = type_name(frame, parameter.type)
    if wanted is None:
        return False
    if _has_type(wanted, value):
        return True
    frame.error(
        errors.BAD_VALUE,
        f"`{parameter.name.id}` of `{model}` has to be {_article(wanted)}",
        span,
        _unlike(wanted, value),
        labels=(Label(parameter.name.span, "declared here"),),
    )
    return False


def _unlike(wanted: str, value: Value) -> str:
    """What a value is that has not the wanted type; of a list, the first item that has not."""
    if wanted.startswith("list[") and isinstance(value, ListValue):
        inner = wanted.removeprefix("list[").removesuffix("]")
        for number, item in enumerate(value.items):
            if not _has_type(inner, item):
                return f"item {number} is {describe(item)}, not {_article(inner)}"
    return f"this is {describe(value)}"


def type_name(frame: Frame, node: tree.TypeExpr) -> str | None:
    """``int`` or ``list[int]`` as text; anything else is reported."""
    name = node.name.id
    if name == "list" and node.items and len(node.items) == 1:
        (inner,) = node.items
        if isinstance(inner, tree.Name) and inner.id in SCALARS:
            return f"list[{inner.id}]"
    elif name in SCALARS and node.items is None and not node.bounds:
        return name
    frame.error(
        errors.BAD_PARAMETER_TYPE,
        f"`{node.span.text}` is no type of a parameter",
        node.span,
        "unknown type",
        help=(
            "a list holds plain values, not lists; one with 0 for a pool says a plan as well: "
            "`[64, 64, 0, 128]`"
            if name == "list"
            else did_you_mean(name, [*SCALARS, "list"])
        )
        or "`int`, `float`, `bool`, `str`, `layer`, or `list[...]` of these",
    )
    return None


def _article(name: str) -> str:
    words = {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "str": "a string",
        "layer": "a component",
    }
    return words.get(name, f"a {name}")


def _has_type(wanted: str, value: Value) -> bool:
    if wanted.startswith("list["):
        inner = wanted.removeprefix("list[").removesuffix("]")
        return isinstance(value, ListValue) and all(_has_type(inner, v) for v in value.items)
    if wanted == "layer":
        return isinstance(value, Recipe)
    if not isinstance(value, Plain):
        return False
    match wanted:
        case "int":
            return value.is_size
        case "float":
            return isinstance(value.value, float) or value.is_size
        case "bool":
            return isinstance(value.value, bool)
        case _:
            return isinstance(value.value, str)


def inside(name: str, value: Value) -> Value:
    """A parameter as the body of its model sees it: written by its name."""
    if isinstance(value, Plain):
        if isinstance(value.value, Dim):
            return Plain(Dim(value.value.poly, Ref(name)), Ref(name))
        return replace(value, term=Ref(name))
    if isinstance(value, ListValue) and value.expr is None and value.term is not None:
        return replace(value, term=Ref(name))
    return value


def constant(value: Value) -> Term | None:
    """A default as a literal, for the constructor that is emitted."""
    term = plain_term(value)
    if isinstance(value, Plain) and isinstance(value.value, (bool, int, float, str, type(None))):
        return term if isinstance(term, Const) else Const(value.value)
    return term
