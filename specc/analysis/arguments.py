"""The arguments of a component, bound to its fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import ValidationError

from specc.analysis import errors_values as errors
from specc.analysis.frame import Frame
from specc.analysis.values import (
    Argument,
    ListValue,
    Plain,
    Recipe,
    Undecided,
    plain_term,
    to_python,
)
from specc.components import Component, ModuleLayer
from specc.diagnostics import Label
from specc.diagnostics.suggest import did_you_mean
from specc.types.dim import Dim
from specc.types.terms import ListTerm


def bind_arguments(
    frame: Frame, cls: type[Component], recipe: Recipe, sizes: Collection[Dim] = ()
) -> tuple[dict[str, Argument], bool]:
    """Arguments by field name, and whether every one found its field.

    ``sizes`` are those of the tensors that the component is applied to.
    """
    arguments = [each for each in recipe.arguments if is_setting(frame, each, recipe)]
    good = len(arguments) == len(recipe.arguments)
    positional = [argument for argument in arguments if argument.name is None]
    given: dict[str, Argument] = {}
    allowed = cls.by_position()
    if cls.variadic is not None:
        if positional:
            given[cls.variadic] = _collected(cls.variadic, positional)
    elif len(positional) > len(allowed):
        meant = _too_many(frame, cls, recipe, positional, sizes)
        if meant is None:
            return {}, False  # those before it may stand for other fields than was meant
        given.update(meant)
        good = False
    else:
        given.update(zip(allowed, positional, strict=False))
    misspelt: list[Argument] = []
    for argument in arguments:
        if argument.name is None:
            continue
        name = argument.name
        if name not in cls.model_fields and f"{name}_" in cls.model_fields:
            name = f"{name}_"  # a word that the class itself needs: `specc.components.site`
        if name not in cls.model_fields:
            _unknown(frame, cls, recipe, argument)
            good = False
            if not _is_inferred(cls, name):
                misspelt.append(argument)
        elif name in given:
            frame.error(
                errors.GIVEN_TWICE,
                f"`{name}` of `{recipe.written}` is given twice",
                argument.whole,
                "the second value",
                labels=(Label(given[name].whole, "the first one"),),
                help="remove one of them",
            )
            good = False
        else:
            given[name] = argument
    for argument in misspelt:
        meant_field = cls.meant_by(str(argument.name))
        if meant_field is not None:
            given.setdefault(meant_field, argument)
    return given, good


def _collected(name: str, positional: list[Argument]) -> Argument:
    """All positional arguments as the list that a variadic field takes."""
    if len(positional) == 1 and isinstance(positional[0].value, ListValue):
        return Argument(name, positional[0].value, positional[0].span)
    items = tuple(argument.value for argument in positional)
    terms = [plain_term(item) for item in items]
    term = None if None in terms else ListTerm(tuple(t for t in terms if t is not None))
    span = positional[0].span.to(positional[-1].span)
    return Argument(name, ListValue(items, term, None), span)


def is_setting(frame: Frame, argument: Argument, recipe: Recipe) -> bool:
    """Open conditions do not configure."""
    value = argument.value
    if isinstance(value, Plain) and isinstance(value.value, Undecided):
        frame.error(
            errors.UNDECIDED,
            f"the compiler cannot decide this condition for `{recipe.written}`",
            argument.span,
            "depends on a size that is free",
            help=errors.FIX_THE_SIZE,
        )
        return False
    return True


def _too_many(
    frame: Frame,
    cls: type[Component],
    recipe: Recipe,
    positional: Sequence[Argument],
    sizes: Collection[Dim],
) -> Mapping[str, Argument] | None:
    """Report values by position beyond those that may be; gives what they mean if that is sure."""
    fields, allowed = list(cls.model_fields), cls.by_position()
    extra = positional[len(allowed)]
    if tuple(fields) == allowed:
        frame.error(
            errors.TOO_MANY,
            takes_only(recipe.written, fields),
            extra.span,
            "one too many",
            help="sizes that follow from the input are not written; tensors are piped in",
        )
        return None
    told = " and ".join(f"`{name}`" for name in allowed)
    # torch is told the size of the input first, as a rule (`group_norm` is told it last)
    first = next((a for a in (positional[0], extra) if to_python(a.value) in _python(sizes)), None)
    left_out = first or positional[0]
    without = _named(cls, [each for each in positional if each is not left_out])
    every = _named(cls, positional)
    ways = []
    if without is not None and (first is not None or every is None):
        which = "first" if left_out is positional[0] else "last"
        ways.append(
            "sizes that follow from the input are never written: leave out the "
            f"{which} `{left_out.span.text}`, as in `{_written(recipe, without, allowed)}`"
        )
    elif not sizes:
        ways.append("leave out sizes that follow from the input")
    if every is not None:
        others = [f"{n}={a.span.text}" for n, a in every.items() if n not in allowed]
        ways.append(f"{'or' if ways else 'write it'} by name: `{', '.join(others)}`")
    frame.error(
        errors.TOO_MANY,
        f"`{recipe.written}` takes {told or 'nothing'} by position"
        + (", and nothing after" if told else ""),
        extra.span,
        "one too many",
        help="; ".join(ways) or "anything else is given by name",
    )
    return without if first is not None else None


def _python(sizes: Collection[Dim]) -> list[object]:
    return [size if size.known is None else size.known for size in sizes]


def _named(cls: type[Component], positional: Sequence[Argument]) -> dict[str, Argument] | None:
    """Arguments by position under the names that torch has for them, unless one is refused."""
    if len(positional) > len(cls.model_fields):
        return None
    named = dict(zip(cls.model_fields, positional, strict=False))
    try:
        cls.model_validate({name: to_python(argument.value) for name, argument in named.items()})
    except ValidationError as error:
        if any(detail["loc"] and detail["loc"][0] in named for detail in error.errors()):
            return None
    return named


def _written(recipe: Recipe, given: Mapping[str, Argument], allowed: Sequence[str]) -> str:
    parts = [a.span.text if n in allowed else f"{n}={a.span.text}" for n, a in given.items()]
    return f"{recipe.written}({', '.join(parts)})" if parts else recipe.written


def takes_only(taker: str, names: Sequence[str]) -> str:
    """Which settings something takes, where it was given more."""
    listed = ", ".join(f"`{name}`" for name in names)
    if len(names) == 1:
        return f"`{taker}` takes {listed} alone"
    return (
        f"`{taker}` takes {listed}, and nothing after these"
        if names
        else (f"`{taker}` takes no settings")
    )


def _is_inferred(cls: type[Component], name: str) -> bool:
    return issubclass(cls, ModuleLayer) and name in cls.inferred


def _unknown(frame: Frame, cls: type[Component], recipe: Recipe, argument: Argument) -> None:
    assert argument.name is not None
    known = ", ".join(f"`{name.removesuffix('_')}`" for name in cls.model_fields)
    inferred = _is_inferred(cls, argument.name)
    frame.error(
        errors.UNKNOWN_PARAMETER,
        f"`{recipe.written}` has no parameter `{argument.name}`",
        argument.name_span or argument.span,
        "follows from the input" if inferred else "unknown parameter",
        labels=()
        if recipe.origin is None
        else (Label(recipe.origin, f"`{recipe.written}` is given here"),),
        help="sizes that follow from the input are never written: remove it"
        if inferred
        else cls.hint_for(argument.name)
        or did_you_mean(argument.name, cls.model_fields)
        or (f"it takes {known}" if known else "it takes none"),
    )
