"""Arithmetic, comparison and functions on plain values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from specc.analysis.values import (
    UNDECIDED,
    ListValue,
    Plain,
    Undecided,
    Value,
    describe,
    plain_term,
)
from specc.analysis.walks import reverse
from specc.types.dim import Dim
from specc.types.poly import Facts, Verdict
from specc.types.terms import Const, FunctionCall, Op

LARGEST_INT = 2**63 - 1
LONGEST_RANGE = 50_000
LONGEST_TEXT = 10_000
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


class CannotCompute(Exception):
    """Why a computation on plain values fails, in the user's words."""


def unary(op: str, operand: Plain) -> Plain:
    """``-x``, ``+x`` or ``not x``."""
    value = operand.value
    if op == "not":
        if isinstance(value, Undecided):
            return Plain(UNDECIDED, Op("not", (operand.term,)))
        if not isinstance(value, bool):
            raise CannotCompute(f"`not` takes true or false, not {describe(operand)}")
        return Plain(not value, Op("not", (operand.term,)))
    _number(op, operand)
    if op == "+":
        return operand
    if isinstance(value, Dim):
        return Plain.from_dim(-value)
    assert isinstance(value, (int, float))
    if isinstance(operand.term, Const):
        text = operand.term.text
        return Plain(-value, Const(-value, f"-{text}" if text else None))
    return Plain(-value, Op("neg", (operand.term,)))


def binary(op: str, left: Plain, right: Plain, facts: Facts) -> Plain:
    """Any operator on two plain values; symbolic sizes stay symbolic."""
    term = Op(op, (left.term, right.term))
    if op in ("and", "or"):
        return Plain(_logical(op, left, right), term)
    if op in COMPARISONS:
        return Plain(_compare(op, left, right, facts), term)
    if op == "@":
        raise CannotCompute("`@` multiplies tensors")
    if op == "+" and isinstance(left.value, str) and isinstance(right.value, str):
        if len(left.value) + len(right.value) > LONGEST_TEXT:
            raise CannotCompute(f"the text is longer than {LONGEST_TEXT:,} characters")
        return Plain(left.value + right.value, term)
    _number(op, left)
    _number(op, right)
    if isinstance(left.value, Dim) or isinstance(right.value, Dim):
        return Plain(_symbolic(op, left, right), term)
    return Plain(_numeric(op, left.value, right.value), term)


def _number(op: str, operand: Plain) -> None:
    if isinstance(operand.value, bool) or not isinstance(operand.value, (int, float, Dim)):
        raise CannotCompute(f"`{op}` takes numbers, not {describe(operand)}")


def _numeric(op: str, left: Any, right: Any) -> int | float:
    if op in ("/", "//", "%") and right == 0:
        raise CannotCompute("division by zero")
    if op == "**":
        return _power(left, right)
    operators: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "//": lambda a, b: a // b,
        "%": lambda a, b: a % b,
    }
    try:
        result: int | float = bounded(operators[op](left, right))
    except ZeroDivisionError:
        raise CannotCompute("division by zero") from None
    except OverflowError:
        raise CannotCompute("the result is too large") from None
    return result


def _power(base: Any, exponent: Any) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent >= 0 and base.bit_length() * exponent > 64 and abs(base) > 1:
            raise CannotCompute("the result is too large")
        if base == 0 and exponent < 0:
            raise CannotCompute("division by zero")
    try:
        result = base**exponent
    except (OverflowError, ZeroDivisionError):
        raise CannotCompute("the result is too large") from None
    if isinstance(result, complex):
        raise CannotCompute("the root of a negative number")
    kept: int | float = bounded(result)
    return kept


def bounded(value: Any) -> Any:
    """The value itself; raises `CannotCompute` for numbers that nothing here could mean."""
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        raise CannotCompute("the result is too large")
    if isinstance(value, float) and not math.isfinite(value):
        raise CannotCompute("the result is not a finite number")
    return value


def _symbolic(op: str, left: Plain, right: Plain) -> Dim:
    if not (left.is_size and right.is_size):
        unknown = left if isinstance(left.value, Dim) else right
        raise CannotCompute(f"{describe(unknown)} is not known yet, and only whole numbers mix")
    one, other = left.dim(), right.dim()
    if op in ("//", "%") and other.known == 0:
        raise CannotCompute("division by zero")
    term = Op(op, (left.term, right.term))
    match op:
        case "+":
            result = one + other
        case "-":
            result = one - other
        case "*":
            result = one * other
        case "//":
            result = one // other
        case "%":
            result = one % other
        case "**" if other.known is not None and 0 <= other.known <= 8:
            result = one**other.known
        case _:
            raise CannotCompute(f"`{op}` of a size that is not known yet")
    return Dim(result.poly, term)


def _logical(op: str, left: Plain, right: Plain) -> bool | Undecided:
    values = (left.value, right.value)
    for operand in (left, right):
        if not isinstance(operand.value, (bool, Undecided)):
            raise CannotCompute(f"`{op}` takes true or false, not {describe(operand)}")
    settles = op == "or"
    if any(value is settles for value in values):
        return settles
    return UNDECIDED if UNDECIDED in values else not settles


def _compare(op: str, left: Plain, right: Plain, facts: Facts) -> bool | Undecided:
    if left.is_size and right.is_size:
        return _compare_sizes(op, left.dim(), right.dim(), facts)
    one, other = left.value, right.value
    if isinstance(one, Undecided) or isinstance(other, Undecided):
        return UNDECIDED
    if op in ("==", "!="):
        same = type(one) is type(other) and one == other
        if _plain_number(one) and _plain_number(other):
            same = one == other
        return same if op == "==" else not same
    if not (_plain_number(one) and _plain_number(other)):
        if isinstance(one, Dim) or isinstance(other, Dim):
            raise CannotCompute("a size is compared with whole numbers")
        raise CannotCompute(f"`{op}` compares numbers, not {describe(left)} and {describe(right)}")
    assert isinstance(one, (int, float))
    assert isinstance(other, (int, float))
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op]


def _plain_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _compare_sizes(op: str, left: Dim, right: Dim, facts: Facts) -> bool | Undecided:
    if op in ("==", "!="):
        verdict = facts.compare(left.poly, right.poly)
        if verdict is Verdict.UNKNOWN:
            return UNDECIDED
        return (verdict is Verdict.EQUAL) == (op == "==")
    if op in ("<", "<="):
        left, right = right, left
    strict = op in ("<", ">")
    if facts.at_least(left.poly - right.poly, 1 if strict else 0):
        return True
    if facts.at_least(right.poly - left.poly, 0 if strict else 1):
        return False
    return UNDECIDED


# --- functions ---------------------------------------------------------------------------------


def call(name: str, arguments: Sequence[Value]) -> Value:
    """One of the `FUNCTIONS`; raises `CannotCompute`."""
    return FUNCTIONS[name](arguments)


def _term(name: str, arguments: Sequence[Value]) -> FunctionCall | None:
    terms = [plain_term(argument) for argument in arguments]
    known = tuple(term for term in terms if term is not None)
    return FunctionCall(name, known) if len(known) == len(terms) else None


def _exactly(name: str, arguments: Sequence[Value], least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise CannotCompute(f"`{name}` takes {wanted} values, got {len(arguments)}")


def _list(name: str, value: Value) -> ListValue:
    if not isinstance(value, ListValue):
        raise CannotCompute(f"`{name}` takes a list, not {describe(value)}")
    return value


def _len(arguments: Sequence[Value]) -> Value:
    _exactly("len", arguments, 1, 1)
    (value,) = arguments
    if isinstance(value, Plain) and isinstance(value.value, str):
        return Plain(len(value.value), FunctionCall("len", (value.term,)))
    items = _list("len", value).items
    return Plain(len(items), _list("len", value).count)


def _numbers(name: str, arguments: Sequence[Value]) -> list[Plain]:
    values = arguments
    if len(arguments) == 1 and isinstance(arguments[0], ListValue):
        values = arguments[0].items
    if not values:
        raise CannotCompute(f"`{name}` of nothing")
    found: list[Plain] = []
    for value in values:
        if not isinstance(value, Plain):
            raise CannotCompute(f"`{name}` takes numbers, not {describe(value)}")
        _number(name, value)
        found.append(value)
    return found


def _extreme(name: str) -> Callable[[Sequence[Value]], Value]:
    def extreme(arguments: Sequence[Value]) -> Value:
        numbers = _numbers(name, arguments)
        if any(isinstance(n.value, Dim) for n in numbers):
            raise CannotCompute(f"`{name}` of a size that is not known yet")
        pick: Callable[..., Any] = min if name == "min" else max
        value = pick(n.value for n in numbers)
        return Plain(value, _term(name, arguments) or Const(value))

    return extreme


def _sum(arguments: Sequence[Value]) -> Value:
    _exactly("sum", arguments, 1, 1)
    items = _list("sum", arguments[0]).items
    total = Plain.of(0)
    for item in _numbers("sum", items) if items else ():
        total = binary("+", total, item, Facts())
    return Plain(total.value, _term("sum", arguments) or total.term)


def _abs(arguments: Sequence[Value]) -> Value:
    _exactly("abs", arguments, 1, 1)
    (number,) = _numbers("abs", arguments)
    if isinstance(number.value, Dim):
        raise CannotCompute("`abs` of a size that is not known yet")
    assert isinstance(number.value, (int, float))
    return Plain(abs(number.value), FunctionCall("abs", (number.term,)))


def _round(arguments: Sequence[Value]) -> Value:
    _exactly("round", arguments, 1, 1)
    (number,) = _numbers("round", arguments)
    if isinstance(number.value, Dim):
        return number
    assert isinstance(number.value, (int, float))
    return Plain(round(number.value), FunctionCall("round", (number.term,)))


def _range(arguments: Sequence[Value]) -> Value:
    _exactly("range", arguments, 1, 3)
    bounds: list[int] = []
    for argument in arguments:
        value = argument.value if isinstance(argument, Plain) else None
        if isinstance(value, bool) or not isinstance(value, int):
            raise CannotCompute(f"`range` takes known whole numbers, not {describe(argument)}")
        bounds.append(value)
    if len(bounds) == 3 and bounds[2] == 0:
        raise CannotCompute("the step of `range` is zero")
    numbers = range(*bounds)
    # `len` of a huge range raises; the arithmetic does not.
    if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= LONGEST_RANGE:
        raise CannotCompute(f"`range` gives more than {LONGEST_RANGE:,} numbers")
    items = tuple(Plain.of(number) for number in numbers)
    return ListValue(items, _term("range", arguments), None)


def _zip(arguments: Sequence[Value]) -> Value:
    lists = [_list("zip", argument) for argument in arguments]
    if len({len(each.items) for each in lists}) > 1:
        lengths = " and ".join(str(len(each.items)) for each in lists)
        raise CannotCompute(f"`zip` of lists of different lengths: {lengths}")
    rows = tuple(ListValue.of(row) for row in zip(*(each.items for each in lists), strict=True))
    return ListValue(rows, _term("zip", arguments), None, columns=tuple(lists))


def _reversed(arguments: Sequence[Value]) -> Value:
    _exactly("reversed", arguments, 1, 1)
    value = _list("reversed", arguments[0])
    if value.columns:
        return _zip([_reversed([column]) for column in value.columns])
    if value.expr is not None:
        return reverse(value)
    items = tuple(reversed(value.items))
    return ListValue(items, _term("reversed", arguments), None)


FUNCTIONS: dict[str, Callable[[Sequence[Value]], Value]] = {
    "len": _len,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "sum": _sum,
    "abs": _abs,
    "round": _round,
    "range": _range,
    "zip": _zip,
    "reversed": _reversed,
}
