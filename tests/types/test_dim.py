"""The two faces of a size."""

from __future__ import annotations

import operator
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.poly import Poly
from specc.types.terms import Const, FunctionCall, Item, Op, Ref, Term, show
from tests.types.brute_force import Values, assignments

H, W, HIDDEN = Dim.named("H"), Dim.named("W"), Dim.named("hidden")


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        ((H + 2 - 3) // 1 + 1, "H"),
        ((H - 1) // 2 + 1, "(H + 1)//2"),
        ((H - 3) // 2 + 1, "(H - 1)//2"),
        (H // 2 // 2, "H//4"),
        (2 * HIDDEN, "2*hidden"),
        (HIDDEN * 2 * 3, "hidden*2*3"),
        (H * 1 + 0, "H"),
        (H * 0, "0"),
        (3 - H, "3 - H"),
        (-H, "-H"),
        (-H - W, "-H - W"),
        (H - W - 1, "H - W - 1"),
        (H % 2 + 1, "H%2 + 1"),
        (7 // H, "7//H"),
        (7 % Dim.of(4), "3"),
        (H**2, "H*H"),
        (H - H + 5, "5"),
        (Dim.product([H, Dim.of(64), Dim.of(8), Dim.of(8)]), "H*64*8*8"),
        (Dim.product([Dim.of(16), Dim.of(5), Dim.of(5)]), "400"),
        (Dim.product([H, Dim.of(1)]), "H"),
        (Dim.product([]), "1"),
    ],
)
def test_message_form(dim: Dim, text: str) -> None:
    assert str(dim) == text


def test_emitted_products_keep_their_factors() -> None:
    size = Dim.product([Dim.of(16), Dim.of(5), Dim.of(5)])
    assert size.known == 400
    assert show(size.term) == "16 * 5 * 5"
    assert size.show(factors=True) == "16*5*5"
    assert (size + 1).term == Const(401)


def test_faces_may_speak_of_different_names() -> None:
    local = Dim(2 * Poly.var("width"), Ref("C"))
    assert (local // 2).poly == Poly.var("width")
    assert str(local // 2) == "C//2"
    known = Dim(Poly.const(64), Ref("C"))
    assert str(known // 2) == "32"
    assert (known // 2).show(factors=True) == "C//2"
    assert str(known) == "64"
    assert str(known * HIDDEN) == "C*hidden"


def test_values_that_are_no_polynomial_are_kept_whole() -> None:
    count = Dim(Poly.var("n"), FunctionCall("len", (Ref("widths"),)))
    width = Dim(Poly.var("w"), Item(Ref("widths"), Const(0)))
    assert str((count + width) - 1 + 2) == "len(widths) + widths[0] + 1"
    assert str(count + count) == "2*len(widths)"


def test_division_by_zero() -> None:
    for divide in (Dim.__floordiv__, Dim.__mod__):
        with pytest.raises(ZeroDivisionError):
            divide(H, 0)


def test_growth_ends() -> None:
    with pytest.raises(TooComplex):
        reduce(lambda size, _: size * size + W, range(1000), H)


OPERATIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}
chains = st.lists(
    st.tuples(
        st.sampled_from(sorted(OPERATIONS)), st.one_of(st.integers(1, 6), st.sampled_from((H, W)))
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=250, deadline=None)
@given(chains, assignments)
def test_both_faces_are_worth_the_same(
    chain: list[tuple[str, int | Dim]], samples: list[Values]
) -> None:
    size = H
    for op, operand in chain:
        size = OPERATIONS[op](size, operand)
    for values in samples:
        known = {name: Poly.const(value) for name, value in values.items()}
        text = show(size.term)
        assert eval(text, {}, dict(values)) == size.poly.substitute(known).constant  # noqa: S307


def test_terms_of_sizes_are_terms() -> None:
    term: Term = (2 * H).term
    assert term == Op("*", (Const(2), Ref("H")))
