"""What has to hold where a loop is written out: that it runs over what it was analysed for."""

from __future__ import annotations

from collections.abc import Iterable

from specc.ir import program as steps
from specc.types.terms import FunctionCall, ListTerm, Op, Term, names


def guards(written_out: Iterable[tuple[Term, Term]]) -> tuple[steps.Step, ...]:
    """Conditions under which what is written out for each iteration is right."""
    found: dict[Term, steps.Step] = {}
    for iterable, value in written_out:
        for given, expected in _differing(iterable, value):
            condition = Op("==", (given, expected))
            found[condition] = steps.Decide(condition, (), None)
    return tuple(found.values())


def _differing(given: Term, expected: Term) -> list[tuple[Term, Term]]:
    """What has to be equal, and is not already as it is written: of lists only some items."""
    if given == expected or not names(given):
        return []
    if not isinstance(expected, ListTerm):
        return [(given, expected)]
    if isinstance(given, ListTerm) and len(given.items) == len(expected.items):
        pairs = zip(given.items, expected.items, strict=True)
        return [each for pair in pairs for each in _differing(*pair)]
    if isinstance(given, FunctionCall) and given.name == "list":
        return _differing(given.args[0], expected)
    if isinstance(given, FunctionCall) and given.name == "zip":  # its rows are tuples, not lists
        rows = [row.items for row in expected.items if isinstance(row, ListTerm)]
        columns = [ListTerm(column) for column in zip(*rows, strict=True)]
        pairs = zip(given.args, columns, strict=True)
        return [each for pair in pairs for each in _differing(*pair)]
    return [(FunctionCall("list", (given,)), expected)]  # a list may be a tuple as a default
