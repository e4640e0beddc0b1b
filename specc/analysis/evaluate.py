"""Expressions to values."""

from __future__ import annotations

import math
from collections.abc import Callable

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import errors_values as values
from specc.analysis import plain, tensors
from specc.analysis.frame import Frame, Inputs
from specc.analysis.values import (
    POISON,
    Argument,
    Instance,
    ListValue,
    Namespace,
    Part,
    Plain,
    Poison,
    Recipe,
    RecordValue,
    Special,
    TensorValue,
    Undecided,
    Value,
    describe,
    is_tensor,
    plain_term,
    tensor_of,
)
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.limits import TooComplex
from specc.types.terms import Choice, Const, Item, Op

# --- entry -------------------------------------------------------------------------------------


def evaluate(node: tree.Expr, frame: Frame) -> Value:
    """The value of an expression. Mistakes are reported to the frame and give `POISON`."""
    frame.context.budget.spend(node.span)
    try:
        return _HANDLERS[type(node)](node, frame)  # type: ignore[operator]
    except TooComplex as reason:
        return frame.too_complex(reason, node.span)


def evaluate_plain(node: tree.Expr, frame: Frame, what: str) -> Plain | None:
    """A plain value; anything else is reported with ``what`` was wanted."""
    value = evaluate(node, frame)
    if isinstance(value, Plain):
        return value
    if not isinstance(value, Poison):
        frame.error(
            meaning.NOT_A_VALUE,
            f"{what} has to be a plain value, not {describe(value)}",
            node.span,
            "not a plain value",
        )
    return None


def condition(node: tree.Expr, frame: Frame) -> tuple[bool | Undecided, Plain] | None:
    """The truth of a condition, `UNDECIDED` where symbolic sizes leave it open."""
    value = evaluate_plain(node, frame, "a condition")
    if value is None:
        return None
    if isinstance(value.value, (bool, Undecided)):
        return value.value, value
    frame.error(
        values.BAD_ARITHMETIC,
        f"a condition is true or false, not {describe(value)}",
        node.span,
        "neither true nor false",
        help="compare it: `... != 0`",
    )
    return None


def undecided(frame: Frame, node: tree.Expr) -> Poison:
    """Report a condition that shapes the model and depends on a free size."""
    return frame.error(
        values.UNDECIDED,
        "the compiler cannot decide this condition",
        node.span,
        "depends on a size that is free",
        help=values.FIX_THE_SIZE,
    )


# --- literals and names ------------------------------------------------------------------------


def _int(node: tree.IntLiteral, frame: Frame) -> Value:
    if node.value > plain.LARGEST_INT:
        return frame.error(
            values.BAD_ARITHMETIC, "the number is too large", node.span, "more than 64 bits"
        )
    return Plain.of(node.value)


def _float(node: tree.FloatLiteral, frame: Frame) -> Value:
    if not math.isfinite(node.value):
        return frame.error(
            values.BAD_ARITHMETIC,
            "the number is too large",
            node.span,
            "not a finite number",
            help="the largest is about 1.8e308",
        )
    return Plain(node.value, Const(node.value, node.text))


def _literal(node: tree.StringLiteral | tree.BoolLiteral, frame: Frame) -> Value:
    return Plain.of(node.value)


def _none(node: tree.NoneLiteral, frame: Frame) -> Value:
    return Plain.of(None)


def _name(node: tree.Name, frame: Frame) -> Value:
    binding = frame.find(node.id)
    if binding is not None:
        return _standing_alone(binding.value, node, frame)
    entry = frame.context.registry.find(node.id, frame.recipe_kinds)
    if entry is not None:
        return _standing_alone(Recipe(entry, (), node.span, node.id), node, frame)
    if node.id in plain.FUNCTIONS:
        return frame.error(
            meaning.NOT_A_VALUE,
            f"`{node.id}` is a function on plain values",
            node.span,
            "has to be called",
            help=f"call it: `{node.id}(...)`",
        )
    return frame.unknown_name(node)


def _standing_alone(value: Value, node: tree.Expr, frame: Frame) -> Value:
    """A recipe that takes no tensors is applied where it is written."""
    if isinstance(value, Recipe) and frame.takes_no_tensors(value):
        return frame.apply(value, Inputs(()), node, node.span)
    return value


def _attribute(node: tree.Attribute, frame: Frame) -> Value:
    if isinstance(node.value, tree.Name) and frame.find(node.value.id) is None:
        qualified = f"{node.value.id}.{node.name.id}"
        entry = frame.context.registry.find(qualified, frame.recipe_kinds)
        if entry is not None:
            return _standing_alone(Recipe(entry, (), node.span, qualified), node, frame)
    value = evaluate(node.value, frame)
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
        case _:
            return _no_member(frame, node.name, describe(value), ())


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


# --- lists, groups and items -------------------------------------------------------------------


def _list(node: tree.ListExpr, frame: Frame) -> Value:
    items = tuple(evaluate(item, frame) for item in node.items)
    if any(isinstance(item, Poison) for item in items):
        return POISON
    tensors_in = [is_tensor(item) for item in items]
    if any(tensors_in) and not all(tensors_in):
        at = tensors_in.index(False)
        return frame.error(
            meaning.NOT_A_TENSOR,
            "a list holds tensors or plain values, not both",
            node.items[at].span,
            describe(items[at]),
        )
    return ListValue.of(items)


def _group(node: tree.Group, frame: Frame) -> Value:
    return frame.error(
        meaning.NOT_A_VALUE,
        "a group of tensors stands before `|>`",
        node.span,
        "not piped into anything",
        help="use `[ ]` for a list of values",
    )


def _paren(node: tree.Paren, frame: Frame) -> Value:
    return evaluate(node.inner, frame)


def _range(node: tree.Range, frame: Frame) -> Value:
    return frame.error(
        meaning.NOT_A_VALUE,
        "a range `low..high` stands only after `dynamic`",
        node.span,
        "not a value",
        help="for numbers to loop over use `range(low, high + 1)`",
    )


def _index(node: tree.Index, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    if isinstance(value, Special):
        found = value.item(frame, node)
        if found is not None:
            return found
    items: list[tensors.Item] = []
    for item in node.items:
        if isinstance(item, tree.EllipsisItem):
            items.append((item, None))
        elif isinstance(item, tree.Slice):
            bounds = tuple(
                None if part is None else evaluate_plain(part, frame, "a bound of a slice")
                for part in (item.start, item.stop, item.step)
            )
            written = (item.start, item.stop, item.step)
            if any(b is None and w is not None for b, w in zip(bounds, written, strict=True)):
                return POISON
            items.append((item, bounds))  # type: ignore[arg-type]
        else:
            found = evaluate(item, frame)
            if isinstance(found, Poison):
                return POISON
            items.append((item, found))
    if isinstance(value, Poison):
        return POISON
    if is_tensor(value):
        return tensors.index(frame, node, tensor_of(value), items)
    if isinstance(value, ListValue):
        return _pick(frame, node, value, items)
    return frame.error(
        values.BAD_ITEM, f"{describe(value)} has no items", node.span, "cannot be indexed"
    )


def _pick(frame: Frame, node: tree.Index, value: ListValue, items: list[tensors.Item]) -> Value:
    position = items[0][1]
    known = position.value if isinstance(position, Plain) else None
    if len(items) != 1 or isinstance(known, bool) or not isinstance(known, int):
        return frame.error(
            values.BAD_ITEM, "a list is indexed with one known whole number", node.span, "here"
        )
    assert isinstance(position, Plain)
    if not -len(value.items) <= known < len(value.items):
        return frame.error(
            values.BAD_ITEM,
            f"there is no item {known} in a list of {len(value.items)}",
            items[0][0].span,
            "outside the list",
            help="the first item is 0, the last is -1" if value.items else None,
        )
    item = value.items[known]
    if value.expr is not None and is_tensor(item):
        picked = ir.Subscript(value.expr, (ir.Plain(position.term),))
        return TensorValue(tensor_of(item).type, picked)
    if value.term is not None and isinstance(item, Plain):
        return Plain(item.value, Item(value.term, position.term))
    return item


# --- operators ---------------------------------------------------------------------------------


def _unary(node: tree.Unary, frame: Frame) -> Value:
    operand = evaluate(node.operand, frame)
    if isinstance(operand, Poison):
        return POISON
    if is_tensor(operand):
        return tensors.unary(frame, node, operand)
    if not isinstance(operand, Plain):
        return frame.error(
            values.BAD_ARITHMETIC,
            f"`{node.op}` does not work on {describe(operand)}",
            node.span,
            "not a number",
        )
    try:
        return plain.unary(node.op, operand)
    except plain.CannotCompute as reason:
        return frame.error(values.BAD_ARITHMETIC, str(reason), node.span, "cannot be computed")


def _binary(node: tree.Binary, frame: Frame) -> Value:
    left, right = evaluate(node.left, frame), evaluate(node.right, frame)
    if isinstance(left, Poison) or isinstance(right, Poison):
        return POISON
    if is_tensor(left) or is_tensor(right):
        return tensors.binary(frame, node, left, right)
    if isinstance(left, ListValue) or isinstance(right, ListValue):
        return _list_operator(node, left, right, frame)
    for value, written in ((left, node.left), (right, node.right)):
        if not isinstance(value, Plain):
            return frame.error(
                values.BAD_ARITHMETIC,
                f"`{node.op}` does not work on {describe(value)}",
                written.span,
                "neither a number nor a tensor",
            )
    assert isinstance(left, Plain) and isinstance(right, Plain)
    try:
        return plain.binary(node.op, left, right, frame.facts)
    except plain.CannotCompute as reason:
        return frame.error(values.BAD_ARITHMETIC, str(reason), node.span, "cannot be computed")


LONGEST_LIST = 100_000


def _list_operator(node: tree.Binary, left: Value, right: Value, frame: Frame) -> Value:
    """``list + list`` and ``list * count``; equality of lists of plain values."""
    terms = [plain_term(left), plain_term(right)]
    term = None if None in terms else Op(node.op, (terms[0], terms[1]))  # type: ignore[arg-type]
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        if node.op == "+" and len(left.items) + len(right.items) <= LONGEST_LIST:
            items = left.items + right.items
            exprs = [_list_expr(each) for each in (left, right)]
            if any(is_tensor(item) for item in items):
                return ListValue(items, None, ir.Operation("+", tuple(exprs)))
            return ListValue(items, term, None)
        if node.op in ("==", "!=") and term is not None:
            from_left = [getattr(item, "value", item) for item in left.items]
            from_right = [getattr(item, "value", item) for item in right.items]
            return Plain((from_left == from_right) == (node.op == "=="), term)
    if node.op == "*" and isinstance(left, ListValue) and isinstance(right, Plain):
        count = right.value
        if isinstance(count, int) and not isinstance(count, bool) and left.expr is None:
            if count * len(left.items) <= LONGEST_LIST:
                return ListValue(left.items * count, term, None)
            return frame.error(
                values.TOO_LARGE, "the list is too long", node.span, f"over {LONGEST_LIST:,}"
            )
    return frame.error(
        values.BAD_ARITHMETIC,
        f"`{node.op}` does not work on {describe(left)} and {describe(right)}",
        node.span,
        "cannot be computed",
        help="lists are joined with `+`: `parts + [h]`",
    )


def _list_expr(value: ListValue) -> ir.Expr:
    return value.expr if value.expr is not None else ir.Sequence(())


def _ternary(node: tree.Ternary, frame: Frame) -> Value:
    decided = condition(node.condition, frame)
    if decided is None:
        return POISON
    truth, written = decided
    if isinstance(truth, Undecided):
        return undecided(frame, node.condition)
    taken = evaluate(node.then if truth else node.otherwise, frame)
    if is_tensor(taken):
        tensor = tensor_of(taken)
        sides = (tensor.expr, None) if truth else (None, tensor.expr)
        return TensorValue(tensor.type, ir.Choose(written.term, *sides))
    if isinstance(taken, Plain):
        other = frame.quietly(lambda: evaluate(node.otherwise if truth else node.then, frame))
        if isinstance(other, Plain):
            terms = (taken.term, other.term) if truth else (other.term, taken.term)
            return Plain(taken.value, Choice(written.term, *terms))
        return Plain(taken.value, taken.term)
    return taken


# --- calls and pipes ---------------------------------------------------------------------------


def _call(node: tree.Call, frame: Frame) -> Value:
    if (
        isinstance(node.func, tree.Name)
        and node.func.id in plain.FUNCTIONS
        and frame.find(node.func.id) is None
    ):
        return _function(node.func.id, node, frame)
    recipe = configured(node, frame)
    if isinstance(recipe, Recipe):
        return _standing_alone(recipe, node, frame)
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
        arguments.append(evaluate(argument.value, frame))
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


def configured(node: tree.Call, frame: Frame, *, piped: bool = False) -> Value:
    """``func(arguments)`` as a recipe, not applied."""
    target = stage_target(node.func, frame) if piped else _callee(node.func, frame)
    arguments = tuple(
        Argument(
            argument.name.id if argument.name else None,
            evaluate(argument.value, frame),
            argument.value.span,
            argument.name.span if argument.name else None,
        )
        for argument in node.arguments
    )
    if isinstance(target, Poison) or any(isinstance(a.value, Poison) for a in arguments):
        return POISON
    if isinstance(target, Recipe):
        if not _configures(frame, target, arguments):
            return POISON
        return Recipe(target.target, target.arguments + arguments, node.span, target.written)
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


def _configures(frame: Frame, recipe: Recipe, arguments: tuple[Argument, ...]) -> bool:
    """Whether no tensor stands in the parentheses; the first one is reported."""

    def carries(value: Value) -> bool:
        return is_tensor(value) or (isinstance(value, ListValue) and value.expr is not None)

    tensors_in = [argument for argument in arguments if carries(argument.value)]
    if not tensors_in:
        return True
    first, *more = tensors_in
    piped = first.span.text
    if more:
        piped = f"({', '.join(argument.whole.text for argument in tensors_in)})"
    left = ", ".join(a.whole.text for a in arguments if a not in tensors_in)
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
            binding = frame.find(node.id)
            if binding is not None and isinstance(binding.value, (Recipe, Instance, Poison)):
                return binding.value
            entry = frame.context.registry.find(node.id, frame.recipe_kinds)
            if entry is not None:
                return Recipe(entry, (), node.span, node.id)
            if binding is not None:
                return binding.value
            return frame.unknown_component(node.id, node.span)
        case tree.Attribute(value=tree.Name(id=owner), name=name) if frame.find(owner) is None:
            return _qualified(owner, name.id, node.span, frame)
        case _:
            return evaluate(node, frame)


def _qualified(owner: str, name: str, span: Span, frame: Frame) -> Value:
    """``plugin.component``."""
    entry = frame.context.registry.find(f"{owner}.{name}", frame.recipe_kinds)
    if entry is None:
        return frame.unknown_component(f"{owner}.{name}", span)
    return Recipe(entry, (), span, f"{owner}.{name}")


def stage_target(node: tree.Expr, frame: Frame) -> Value:
    """What a stage names: after ``|>`` only what can be applied counts."""
    match node:
        case tree.Name():
            binding = frame.find(node.id)
            if binding is not None and isinstance(binding.value, (Recipe, Instance, Poison)):
                return binding.value
            entry = frame.context.registry.find(node.id, frame.kinds)
            if entry is not None:
                return Recipe(entry, (), node.span, node.id)
            if binding is None:
                return frame.unknown_component(node.id, node.span)
            return frame.error(
                meaning.NOT_APPLICABLE,
                f"`{node.id}` is {describe(binding.value)} and cannot be applied",
                node.span,
                "not a component",
            )
        case tree.Attribute(value=tree.Name(id=owner), name=name) if frame.find(owner) is None:
            return _qualified(owner, name.id, node.span, frame)
        case tree.Attribute():
            return evaluate(node, frame)
        case tree.Call():
            return configured(node, frame, piped=True)
        case tree.Paren():
            return stage_target(node.inner, frame)
        case _:
            evaluate(node, frame)
            return frame.error(
                meaning.NOT_APPLICABLE,
                "after `|>` stands a component",
                node.span,
                "cannot be applied",
                help="such as `|> relu` or `|> linear(10)`",
            )


def _pipe(node: tree.Pipe, frame: Frame) -> Value:
    inputs = _inputs(node.source, frame)
    value: Value = POISON
    place = node.source.span
    for number, stage in enumerate(node.stages):
        if number:
            inputs = _as_inputs(value, place, frame, node.stages[number - 1])
        target = stage_target(stage.target, frame)
        if inputs is None or inputs.poisoned or isinstance(target, Poison):
            value = POISON
        else:
            frame.context.budget.spend(stage.span)
            value = frame.apply(target, inputs, stage, stage.target.span)
        place = stage.span
    return value


def _inputs(source: tree.Expr, frame: Frame) -> Inputs | None:
    """The tensors that stand before the first ``|>``."""
    if not isinstance(source, tree.Group):
        return _as_inputs(evaluate(source, frame), source.span, frame, source)
    positional: list[tuple[Value, Span]] = []
    named: list[tuple[tree.Name, Value]] = []
    for item in source.items:
        value = evaluate(item.value, frame)
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
        if isinstance(value.expr, ir.Sequence):
            exprs: tuple[ir.Expr, ...] = value.expr.items
        else:
            whole = frame.hoist(value.expr, node, "parts")
            exprs = tuple(ir.Pick(whole, k) for k in range(len(value.items)))
        items = tuple(
            TensorValue(tensor_of(item).type, expr)
            for item, expr in zip(value.items, exprs, strict=True)
        )
        return Inputs(tuple((item, span) for item in items))
    return Inputs(((value, span),))


_HANDLERS: dict[type, Callable[..., Value]] = {
    tree.IntLiteral: _int,
    tree.FloatLiteral: _float,
    tree.StringLiteral: _literal,
    tree.BoolLiteral: _literal,
    tree.NoneLiteral: _none,
    tree.Name: _name,
    tree.Attribute: _attribute,
    tree.ListExpr: _list,
    tree.Group: _group,
    tree.Paren: _paren,
    tree.Range: _range,
    tree.Index: _index,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Ternary: _ternary,
    tree.Call: _call,
    tree.Pipe: _pipe,
}
