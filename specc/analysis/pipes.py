"""Calls that configure, and pipes that apply."""

from __future__ import annotations

from msgspec.structs import replace

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_values as values
from specc.analysis import plain
from specc.analysis.errors_names import UNKNOWN_NAME
from specc.analysis.frame import Frame, Inputs
from specc.analysis.settings import words_of
from specc.analysis.values import (
    POISON,
    Argument,
    Instance,
    ListValue,
    Poison,
    Recipe,
    Special,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree
from specc.types.terms import Const


def on_call(node: tree.Call, frame: Frame) -> Value:
    """``name(arguments)`` outside of a pipe."""
    if (
        isinstance(node.func, tree.Name)
        and node.func.id in plain.FUNCTIONS
        and frame.find(node.func.id) is None
    ):
        return _function(node.func.id, node, frame)
    recipe = configured(node, frame)
    if isinstance(recipe, Recipe):
        return frame.standing_alone(recipe, node)
    return recipe


def _function(name: str, node: tree.Call, frame: Frame) -> Value:
    arguments: list[Value] = []
    for argument in node.arguments:
        if argument.name is not None:
            return frame.error(
                values.UNKNOWN_PARAMETER,
                f"`{name}` takes values by position only",
                argument.span,
                "has a name",
            )
        arguments.append(frame.evaluate(argument.value))
    if any(isinstance(argument, Poison) for argument in arguments):
        return POISON
    if any(is_tensor(argument) for argument in arguments):
        return frame.error(
            meaning.TENSOR_AS_SETTING,
            f"`{name}` outside a pipe works on plain values",
            node.span,
            "got a tensor",
            help=f"for tensors pipe: `x |> {name}(dim=1)`",
        )
    try:
        return plain.call(name, arguments)
    except plain.CannotCompute as reason:
        return frame.error(values.BAD_ARITHMETIC, str(reason), node.span, "cannot be computed")


def configured(node: tree.Call, frame: Frame, *, piped: str | None = None) -> Value:
    """``func(arguments)`` as a recipe, not applied; ``piped`` is what goes into it, as written."""
    target = _callee(node.func, frame) if piped is None else stage_target(node.func, frame)
    with frame.wanting():
        arguments = tuple(
            Argument(
                argument.name.id if argument.name else None,
                _argument(argument, target, frame),
                argument.value.span,
                argument.name.span if argument.name else None,
            )
            for argument in node.arguments
        )
    if isinstance(target, Poison) or any(isinstance(a.value, Poison) for a in arguments):
        return POISON
    if isinstance(target, Special):
        called = target.called(frame, node, arguments)
        if called is not None:
            return called
    if isinstance(target, Recipe):
        if not _configures(frame, target, arguments, piped or ""):
            return POISON
        here = node.func.span
        origin = target.origin if target.span == here else target.span
        whole = target.arguments + arguments
        return Recipe(target.target, whole, node.span, target.written, origin)
    if isinstance(target, Instance):
        return frame.error(
            meaning.NOT_APPLICABLE,
            f"`{target.name}` is one instance and was configured where it was made",
            node.span,
            "takes no parentheses",
            help=f"apply it as it is: `|> {target.name}`",
        )
    return frame.error(
        meaning.NOT_APPLICABLE,
        f"{describe(target)} cannot be called",
        node.func.span,
        "not a component",
        help="tensors are piped: `x |> name(settings)`" if is_tensor(target) else None,
    )


def _argument(node: tree.Argument, target: Value, frame: Frame) -> Value:
    """The value of an argument; a word that lacks its quotes is told so."""
    word = node.value
    if (
        isinstance(word, tree.Name)
        and node.name is not None
        and isinstance(target, Recipe)
        and isinstance(target.target, Entry)
        and frame.find(word.id) is None
        and word.id in words_of(target.target.load(word.span), node.name.id)
    ):
        return frame.error(
            UNKNOWN_NAME,
            f"`{word.id}` is not defined",
            word.span,
            "not found in this scope",
            help=f'the word is written in quotes: `{node.name.id}="{word.id}"`',
        )
    return frame.evaluate(word)


def _configures(frame: Frame, recipe: Recipe, arguments: tuple[Argument, ...], before: str) -> bool:
    """Whether no tensor stands in the parentheses; the first one is reported."""

    def carries(value: Value) -> bool:
        return is_tensor(value) or (
            isinstance(value, ListValue) and value.expr is not None and bool(value.items)
        )

    tensors_in = [argument for argument in arguments if carries(argument.value)]
    if not tensors_in:
        return True
    first = tensors_in[0]
    group = [before] if before else []
    group += [argument.whole.text if before else argument.span.text for argument in tensors_in]
    piped = group[0] if len(group) == 1 else f"({', '.join(group)})"
    settings = [*recipe.arguments, *(a for a in arguments if a not in tensors_in)]
    left = ", ".join(argument.whole.text for argument in settings)
    frame.error(
        meaning.TENSOR_AS_SETTING,
        f"`{recipe.written}` is configured in parentheses; tensors are piped in",
        first.span,
        f"this is {describe(first.value)}",
        help=f"write `{piped} |> {recipe.written}{f'({left})' if left else ''}`",
    )
    return False


def _callee(node: tree.Expr, frame: Frame) -> Value:
    """What stands before parentheses: values first, then components."""
    match node:
        case tree.Name():
            applicable = frame.applicable(node.id)
            if applicable is not None:
                return applicable
            entry = frame.context.registry.find(node.id, frame.recipe_kinds)
            if entry is not None:
                return Recipe(entry, (), node.span, node.id)
            binding = frame.find(node.id)
            if binding is not None:
                return binding.value
            return frame.unknown_component(node.id, node.span)
        case tree.Attribute() if (path := _path(node)) and frame.find(path[0]) is None:
            return _qualified(".".join(path), node.span, frame)
        case _:
            return frame.evaluate(node)


def _path(node: tree.Expr) -> list[str]:
    """The names of ``a.b.c``; nothing for any other expression."""
    names: list[str] = []
    while isinstance(node, tree.Attribute):
        names.append(node.name.id)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, tree.Name) else []


def _qualified(path: str, span: Span, frame: Frame) -> Value:
    """``plugin.component``."""
    entry = frame.context.registry.find(path, frame.recipe_kinds)
    return frame.unknown_component(path, span) if entry is None else Recipe(entry, (), span, path)


def stage_target(node: tree.Expr, frame: Frame, piped: str = "") -> Value:
    """What a stage names: after ``|>`` only what can be applied counts."""
    match node:
        case tree.Name():
            applicable = frame.applicable(node.id)
            if applicable is not None:
                return applicable
            entry = frame.context.registry.find(node.id, frame.kinds)
            if entry is not None:
                return Recipe(entry, (), node.span, node.id)
            binding = frame.find(node.id)
            if binding is None:
                return frame.unknown_component(node.id, node.span)
            return frame.error(
                meaning.NOT_APPLICABLE,
                f"`{node.id}` is {describe(binding.value)} and cannot be applied",
                node.span,
                "not a component",
                help="after `|>` stands what is applied; two tensors go into one component "
                f"as a group: `(x, {node.id}) |> ...`"
                if is_tensor(binding.value)
                else "after `|>` stands a component or a model: `|> linear(10)`",
            )
        case tree.Attribute() if (path := _path(node)) and frame.find(path[0]) is None:
            return _qualified(".".join(path), node.span, frame)
        case tree.Attribute():
            return frame.evaluate(node)
        case tree.Call():
            return configured(node, frame, piped=piped)
        case tree.Paren():
            return stage_target(node.inner, frame, piped)
        case tree.Group():
            return frame.error(
                meaning.NOT_APPLICABLE,
                "after `|>` stands one component",
                node.span,
                "cannot be applied",
                help="one after the other is `|> relu |> tanh`; two results take a pipe each",
            )
        case _:
            frame.evaluate(node)
            return frame.error(
                meaning.NOT_APPLICABLE,
                "after `|>` stands a component",
                node.span,
                "cannot be applied",
                help="such as `|> relu` or `|> linear(10)`",
            )


def on_pipe(node: tree.Pipe, frame: Frame) -> Value:
    """``tensors |> component |> component``."""
    inputs = _inputs(node.source, frame)
    value: Value = POISON
    place = node.source.span
    for number, stage in enumerate(node.stages):
        if number:
            inputs = _as_inputs(value, place, frame, node.stages[number - 1])
        target = stage_target(stage.target, frame, _written(node, number))
        if inputs is None or inputs.poisoned or isinstance(target, Poison):
            frame.judge(target, stage.target.span)
            value = POISON
        else:
            frame.context.budget.spend(stage.span)
            value = frame.apply(target, inputs, stage, stage.target.span)
            if number % HOIST_EVERY == HOIST_EVERY - 1:
                value = _hoisted(value, stage, frame)
        place = stage.span
    return value


def _written(node: tree.Pipe, number: int) -> str:
    """What goes into a stage, as it is written; ``...`` where that is long."""
    last = node.stages[number - 1] if number else node.source
    text = node.source.span.to(last.span).text
    return text if len(text) <= 30 and "\n" not in text else "..."


HOIST_EVERY = 16
"""Stages of one pipe that may become one expression; a longer pipe is computed in several."""


def _hoisted(value: Value, stage: tree.Stage, frame: Frame) -> Value:
    if isinstance(value, TensorValue):
        return replace(value, expr=frame.hoist(value.expr, stage, "done"))
    return value


def _inputs(source: tree.Expr, frame: Frame) -> Inputs | None:
    """The tensors that stand before the first ``|>``."""
    if not isinstance(source, tree.Group):
        return _as_inputs(frame.evaluate(source), source.span, frame, source)
    positional: list[tuple[Value, Span]] = []
    named: list[tuple[tree.Name, Value]] = []
    for item in source.items:
        value = frame.evaluate(item.value)
        if item.name is not None:
            named.append((item.name, value))
        else:
            positional.append((value, item.value.span))
    return Inputs(tuple(positional), tuple(named))


def _as_inputs(value: Value, span: Span, frame: Frame, node: tree.Node) -> Inputs | None:
    """The tensors that a value carries: a list counts as its items."""
    if isinstance(value, Poison):
        return None
    if isinstance(value, ListValue) and value.expr is not None:
        frame.only_for(value.count, Const(len(value.items)))
        if isinstance(value.expr, ir.Sequence):
            whole: ir.Expr | None = None
            exprs: tuple[ir.Expr, ...] = value.expr.items
        else:
            whole = frame.hoist(value.expr, node, "parts")
            exprs = tuple(ir.Pick(whole, k) for k, _ in enumerate(value.items))
        items = tuple(
            TensorValue(tensor_of(item).type, expr)
            for item, expr in zip(value.items, exprs, strict=True)
        )
        return Inputs(tuple((item, span) for item in items), whole=whole)
    return Inputs(((value, span),))
