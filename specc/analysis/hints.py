"""Hints for tensors that do not fit: what would mend the line."""

from __future__ import annotations

from collections.abc import Sequence

from specc.types.dim import Dim
from specc.types.elements import Element
from specc.types.poly import Facts, Floor, Verdict
from specc.types.tensor import Dims, show_dims
from specc.types.terms import Const, Op, Term, children, show

_KINDS = {
    ("float", "uint8"): "convert it first: `|> to_float`",
    ("float", "int"): "convert it first: `|> to_float`",
    ("float", "mask"): "convert it first: `|> to_float`",
    ("float", "bool"): "convert it first: `|> to_float`",
    ("ids", "float"): "whole numbers below n are declared `ids(n)[B, T]`",
    ("ids", "int"): "a type says how many there are: `input x: ids(10)[B, T]` in a model, "
    "`kind: ids(10)[] = source.kind` in a data section; `|> categories` makes ids of a column",
    ("logits", "probs"): "remove the softmax or sigmoid before it",
    ("logits", "log_probs"): "remove the log_softmax before it",
    ("probs", "logits"): "apply `softmax` or `sigmoid` first",
    ("log_probs", "logits"): "apply `log_softmax` first",
    ("log_probs", "probs"): "apply `log_softmax` to the scores instead of `softmax`",
}


def kind_hint(wanted: str, given: Element | str) -> str | None:
    """What makes a tensor of one kind one of another."""
    word, _, bound = str(given).partition("(")
    if (wanted, word) == ("float", "ids"):
        count = "n" if not bound or "[" in bound else bound.removesuffix(")")
        return f"embed them: `|> embedding({count}, size)`, or `|> one_hot({count})`"
    return _KINDS.get((wanted, word))


def rank_hint(wanted: int, given: int, sequence: bool = False) -> str | None:
    """What brings a tensor to the number of axes that is wanted; a ``sequence`` has a time axis."""
    if sequence and given == wanted - 1:
        return "it takes sequences, [B, T, ...]: a single step becomes one with `|> unsqueeze(1)`"
    if given == wanted - 1:
        return "add the axis of size 1 where it belongs, such as `|> unsqueeze(1)` for channels"
    if given > wanted == 2:
        return "make one axis of several with `|> flatten`, or reduce some with `|> mean(dim=...)`"
    if given == wanted + 1:
        return "take one position, `x[:, -1]`, or reduce an axis, `|> mean(dim=1)`"
    return None


def layout_hint(wanted: Sequence[int | None], given: Dims) -> str | None:
    """How to move the channels to the other end, where that makes every size fit.

    ``wanted`` are the sizes as declared, ``None`` for those that are free; axis 0 is the batch.
    """
    rank = len(given)
    last_to_second = (0, rank - 1, *range(1, rank - 1))
    second_to_last = (0, *range(2, rank), 1)
    if rank < 3 or len(wanted) != rank or all(size is None for size in wanted):
        return None
    for order in (last_to_second, second_to_last):
        moved = [given[axis].known for axis in order]
        if all(size in (None, have) for size, have in zip(wanted, moved, strict=True)):
            end = "last" if order == last_to_second else "first"
            rows = ", ".join(str(axis - 1) for axis in order[1:])
            return (
                f"the channels are {end} here: move them with `|> permute({rows})` on the field in "
                f"its data section, or with `|> permute({', '.join(map(str, order))})` on a batch"
            )
    return None


def broadcast_hint(left: Dims, right: Dims) -> str:
    """What makes two shapes go together."""
    less, more = sorted((left, right), key=len)
    shared = len(less)
    same = all(a.poly == b.poly for a, b in zip(less, more, strict=False))
    if shared < len(more) and same:
        ones = (*less, *(Dim.of(1) for _ in more[shared:]))
        return (
            "axes are matched from the right; give the smaller one its missing axes: "
            f"`|> reshape({show_dims(ones)[1:-1]})`"
        )
    return "bring one side to the size of the other first, with `linear` or `conv2d`, say"


def settle_all(pairs: Sequence[tuple[Dim, Dim]], facts: Facts) -> str:
    """The hint for several pairs of sizes, of which nothing known makes either equal."""
    needed = [_divisible(left, right, facts) for left, right in pairs]
    if len(pairs) == 1 or None in needed:
        return settle(*pairs[0], facts)
    claims = " and ".join(f"`assert {each}`" for each in dict.fromkeys(needed))
    return f"state what you know, before this line: {claims}"


def settle(left: Dim, right: Dim, facts: Facts | None = None) -> str:
    """The hint for two sizes of which nothing known makes them equal."""
    divisible = _divisible(left, right, facts or Facts())
    if divisible is not None:
        return f"state what you know, before this line: `assert {divisible}`"
    claim = f"`assert {left} == {right}`"
    if _is_name(left) and _is_name(right):
        return f"use one name for both sizes, or state it before this line: {claim}"
    return f"fix the sizes in the type of the input, or state it before this line: {claim}"


def _is_name(dim: Dim) -> bool:
    return dim.known is None and not children(dim.term)


def _divisible(left: Dim, right: Dim, facts: Facts) -> str | None:
    """``H % 4 == 0`` where that is all that two sizes need to be equal."""
    floors = {
        atom
        for monomial in (left.poly - right.poly).terms
        for atom in monomial
        if isinstance(atom, Floor) and atom.divisor.constant is not None
    }
    for floor in sorted(floors, key=lambda each: each.key):
        learnt = facts.with_divisible(floor.numerator, floor.divisor)
        if learnt.compare(left.poly, right.poly) is Verdict.EQUAL:
            for numerator, divisor in (*_quotients(left.term), *_quotients(right.term)):
                if divisor == floor.divisor.constant:
                    return f"{show(numerator, compact=True)} % {divisor} == 0"
    return _name_divisible(left, right, facts, floors)


def _name_divisible(left: Dim, right: Dim, facts: Facts, floors: set[Floor]) -> str | None:
    """``W % 2 == 0`` where the quotients are those of a name and a number more."""
    for side in (left, right):
        for floor in sorted(floors, key=lambda each: each.key):
            if _is_name(side) and side.poly != floor.numerator:
                learnt = facts.with_divisible(side.poly, floor.divisor)
                if learnt.compare(left.poly, right.poly) is Verdict.EQUAL:
                    return f"{side} % {floor.divisor.constant} == 0"
    return None


def _quotients(term: Term) -> list[tuple[Term, int]]:
    found = [pair for part in children(term) for pair in _quotients(part)]
    match term:
        case Op("//", (numerator, Const(int(divisor)))):
            found.append((numerator, divisor))
    return found
