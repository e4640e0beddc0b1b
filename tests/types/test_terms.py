"""Plain values as written: printing, names, substitution, JSON."""

from __future__ import annotations

import copy
import pickle
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import Decoder, encode

from specc.types.limits import MAX_TERM_DEPTH, TooComplex
from specc.types.terms import (
    Choice,
    Const,
    FunctionCall,
    Item,
    ListTerm,
    Op,
    Ref,
    Term,
    names,
    show,
    substitute,
)

A, B, C = Ref("a"), Ref("b"), Ref("c")
DECODER: Decoder[Term] = Decoder(Term)

BINARY = ("+", "-", "*", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or")

terms = st.recursive(
    st.one_of(
        st.sampled_from((A, B, C)),
        st.one_of(
            st.integers(-9, 99),
            st.booleans(),
            st.none(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(),
        ).map(Const),
        st.just(Const(5e-4, "5e-4")),
    ),
    lambda inner: st.one_of(
        st.builds(lambda op, x, y: Op(op, (x, y)), st.sampled_from(BINARY), inner, inner),
        st.builds(lambda op, x: Op(op, (x,)), st.sampled_from(("neg", "not")), inner),
        st.builds(Choice, inner, inner, inner),
        st.builds(ListTerm, st.lists(inner, max_size=3).map(tuple)),
        st.builds(FunctionCall, st.sampled_from(("len", "max")), st.tuples(inner)),
        st.builds(Item, inner, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(terms)
def test_json_round_trip(term: Term) -> None:
    restored = DECODER.decode(encode(term))
    assert restored == term
    assert hash(restored) == hash(term)
    assert show(restored) == show(term)


def _nested(depth: int) -> Term:
    term: Term = A
    for _ in range(depth):
        term = Op("neg", (term,))
    return term


def test_the_deepest_term_survives_json_and_copies() -> None:
    term = _nested(MAX_TERM_DEPTH)
    assert DECODER.decode(encode(term)) == term
    assert copy.deepcopy(term) == term
    assert pickle.loads(pickle.dumps(term)) == term  # noqa: S301


def test_terms_are_bounded() -> None:
    with pytest.raises(TooComplex, match="nested"):
        _nested(MAX_TERM_DEPTH + 1)
    with pytest.raises(TooComplex, match="parts"):
        reduce(lambda term, _: Op("+", (term, term)), range(40), Op("neg", (A,)))


def test_literals_of_different_kinds_differ() -> None:
    assert len({Const(1), Const(True), Const(1.0), Const(1.0, "1e0")}) == 4


integers = st.recursive(
    st.one_of(st.sampled_from((A, B)), st.integers(-3, 5).map(Const)),
    lambda inner: st.one_of(
        st.builds(lambda op, x, y: Op(op, (x, y)), st.sampled_from(BINARY), inner, inner),
        st.builds(lambda op, x: Op(op, (x,)), st.sampled_from(("neg", "not")), inner),
        st.builds(lambda x: Op("**", (x, Const(2))), inner),
        st.builds(Choice, inner, inner, inner),
        st.builds(lambda x, y, z: Op("+", (x, y, z)), inner, inner, inner),
    ),
    max_leaves=10,
)


@settings(max_examples=400, deadline=None)
@given(integers, st.booleans())
def test_printed_text_means_the_term(term: Term, compact: bool) -> None:
    """With no parentheses left out that are needed: read back by Python, it computes the same."""
    values = {"a": 7, "b": 2}

    def outcome(compute: object) -> object:
        try:
            return compute()  # type: ignore[operator]
        except ZeroDivisionError:
            return "division by zero"

    text = show(term, compact=compact)
    assert outcome(lambda: eval(text, {}, values)) == outcome(lambda: _value(term, values))  # noqa: S307


def _value(term: Term, values: dict[str, int]) -> int | bool:
    match term:
        case Const(value):
            return value  # type: ignore[return-value]
        case Ref(name):
            return values[name]
        case Choice(condition, then, otherwise):
            return _value(then if _value(condition, values) else otherwise, values)
        case Op("neg", (inner,)):
            return -_value(inner, values)
        case Op("not", (inner,)):
            return not _value(inner, values)
        case Op("and", (left, right)):
            return _value(left, values) and _value(right, values)
        case Op("or", (left, right)):
            return _value(left, values) or _value(right, values)
        case Op(op, (first, *rest)):
            result = _value(first, values)
            for arg in rest:
                result = eval(f"x {op} y", {}, {"x": result, "y": _value(arg, values)})  # noqa: S307
            return result
    raise AssertionError(term)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Op("*", (Const(2), Op("+", (A, B)))), "2 * (a + b)"),
        (Op("-", (A, Op("-", (B, C)))), "a - (b - c)"),
        (Op("-", (Op("-", (A, B)), C)), "a - b - c"),
        (Op("**", (Op("neg", (A,)), Const(2))), "(-a) ** 2"),
        (Op("**", (Const(-1), Op("**", (A, B)))), "(-1) ** a ** b"),
        (Op("not", (Op("==", (A, B)),)), "not a == b"),
        (Op("==", (Op("==", (A, B)), C)), "(a == b) == c"),
        (Choice(Op("==", (A, Const(0))), Const(1), Const(2)), "1 if a == 0 else 2"),
        (Item(ListTerm((A, Const("x\n"))), Const(-1)), '[a, "x\\n"][-1]'),
        (FunctionCall("len", (A,)), "len(a)"),
        (Const(5e-4, "5e-4"), "5e-4"),
        (Const(None), "none"),
        (Const(True), "true"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_printing(term: Term, text: str) -> None:
    assert show(term) == text


def test_compact_printing_sets_factors_tight() -> None:
    assert show(Op("+", (Op("*", (Const(2), A)), Op("//", (B, C)))), compact=True) == "2*a + b//c"


def test_names_and_substitution() -> None:
    term = Choice(
        Op("<", (A, Const(1))), FunctionCall("max", (A, B)), Item(ListTerm((C,)), Const(0))
    )
    assert names(term) == {"a", "b", "c"}
    assert names(Const(1)) == frozenset()
    replaced = substitute(term, {"a": Op("+", (B, Const(1))), "c": Const(3)})
    assert show(replaced) == "max(b + 1, b) if b + 1 < 1 else [3][0]"
    assert substitute(term, {}) == term
