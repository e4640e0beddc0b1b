"""The normal form of sizes against plain integers: no answer may be wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.types.bounds import lower_bound
from specc.types.poly import Poly, TooComplex, Verdict, compare
from tests.types.brute_force import NAMES, Built, Values, assignments, evaluate, sizes

H, W, C = (Poly.var(name) for name in NAMES)


@settings(max_examples=300, deadline=None)
@given(sizes, assignments)
def test_normal_form_keeps_the_value(size: Built, samples: list[Values]) -> None:
    for values in samples:
        assert evaluate(size.poly, values) == size.value(values)
        known = {name: Poly.const(value) for name, value in values.items()}
        assert size.poly.substitute(known).constant == size.value(values)


@settings(max_examples=300, deadline=None)
@given(sizes, sizes, assignments)
def test_verdicts_hold(left: Built, right: Built, samples: list[Values]) -> None:
    _check_verdict(left, right, samples)


@settings(max_examples=200, deadline=None)
@given(sizes, sizes, st.integers(-2, 2), assignments)
def test_verdicts_of_near_equals_hold(
    size: Built, noise: Built, shift: int, samples: list[Values]
) -> None:
    near = Built(
        (size.poly + noise.poly) - noise.poly + shift, lambda values: size.value(values) + shift
    )
    assert compare(size.poly, near.poly) is (Verdict.DIFFERENT if shift else Verdict.EQUAL)
    _check_verdict(size, near, samples)


def _check_verdict(left: Built, right: Built, samples: list[Values]) -> None:
    verdict = compare(left.poly, right.poly)
    assert compare(right.poly, left.poly) is verdict
    for values in samples:
        same = left.value(values) == right.value(values)
        assert not (verdict is Verdict.EQUAL and not same)
        assert not (verdict is Verdict.DIFFERENT and same)


@settings(max_examples=200, deadline=None)
@given(sizes, assignments)
def test_bounds_hold(size: Built, samples: list[Values]) -> None:
    bound = lower_bound(size.poly)
    if bound is not None:
        assert all(size.value(values) >= bound for values in samples)
    assert size.poly.is_positive() == (bound is not None and bound >= 1)


@settings(max_examples=300, deadline=None)
@given(sizes, sizes)
def test_exact_division_undoes_multiplication(left: Built, right: Built) -> None:
    if right.poly.terms:
        assert (left.poly * right.poly).exact_div(right.poly) == left.poly
        if (quotient := left.poly.exact_div(right.poly)) is not None:
            assert quotient * right.poly == left.poly


@settings(max_examples=200, deadline=None)
@given(sizes, sizes, sizes)
def test_ring_laws(a: Built, b: Built, c: Built) -> None:
    x, y, z = a.poly, b.poly, c.poly
    assert x + y == y + x
    assert hash(x + y) == hash(y + x)
    assert x * (y + z) == x * y + x * z
    assert (x - y) + y == x
    assert x**2 == x * x


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (H, H, Verdict.EQUAL),
        (H, W, Verdict.UNKNOWN),
        (H, Poly.const(3), Verdict.UNKNOWN),
        (H, Poly.const(0), Verdict.DIFFERENT),
        (2 * H, 2 * H + 1, Verdict.DIFFERENT),
        (2 * H, 2 * W + 1, Verdict.DIFFERENT),
        (4 * H * W + 1, Poly.const(0), Verdict.DIFFERENT),
        (2 * H, H, Verdict.DIFFERENT),
        (H * H, H, Verdict.UNKNOWN),
        (H * H + 1, H, Verdict.DIFFERENT),
        (H, H.floordiv(2), Verdict.DIFFERENT),
        (H.floordiv(2) * 2, H, Verdict.UNKNOWN),
        (H.mod(16), Poly.const(16), Verdict.DIFFERENT),
        (H.mod(16), Poly.const(-1), Verdict.DIFFERENT),
        (H.mod(16), Poly.const(15), Verdict.UNKNOWN),
        (H.floordiv(2).floordiv(2), H.floordiv(4), Verdict.EQUAL),
        ((H * C).floordiv(C), H, Verdict.EQUAL),
        ((2 * H + 1).floordiv(4), H.floordiv(2), Verdict.EQUAL),
        (C.floordiv(W), C.floordiv(W) + H, Verdict.DIFFERENT),
        (W.floordiv(W + 1), Poly.const(0), Verdict.EQUAL),
    ],
    ids=str,
)
def test_verdicts(left: Poly, right: Poly, verdict: Verdict) -> None:
    assert compare(left, right) is verdict


@pytest.mark.parametrize(
    ("poly", "text"),
    [
        (Poly.const(0), "0"),
        (-H, "-H"),
        (2 * H * W - H + 1, "2*H*W - H + 1"),
        (H.floordiv(2) * 3, "3*(H//2)"),
        ((H + 1).floordiv(2), "(H + 1)//2"),
        ((H + 1).floordiv(W), "(H + 1)//W"),
    ],
)
def test_printing(poly: Poly, text: str) -> None:
    assert str(poly) == text


def test_names_inside_quotients_count() -> None:
    assert ((H + 1).floordiv(2) * C).variables == {"H", "C"}


def test_a_name_that_may_be_anything_proves_nothing() -> None:
    anything = Poly.var("pad", None)
    assert compare(H + anything, H) is Verdict.UNKNOWN
    assert compare(H + Poly.var("pad", 0), H) is Verdict.UNKNOWN
    assert compare(H + Poly.var("pad"), H) is Verdict.DIFFERENT


@pytest.mark.parametrize("divide", [Poly.floordiv, Poly.mod, Poly.exact_div])
@pytest.mark.parametrize("poly", [Poly.const(3), H])
def test_division_by_zero(divide: object, poly: Poly) -> None:
    with pytest.raises(ZeroDivisionError):
        divide(poly, 0)  # type: ignore[operator]


def test_negative_powers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        H**-1


@pytest.mark.parametrize("base", [-1, 0, 1])
def test_small_bases_take_any_exponent(base: int) -> None:
    assert (Poly.const(base) ** (10**9 + 1)).constant == base
    assert (Poly.const(base) ** 0).constant == 1


def _square(poly: Poly) -> Poly:
    return poly * poly


def _strided(poly: Poly) -> Poly:
    return (3 * poly + 1).floordiv(2)


def _by_itself(poly: Poly) -> Poly:
    return (poly * poly + W).floordiv(poly + C)


@pytest.mark.parametrize("grow", [_square, _strided, _by_itself, lambda poly: poly * 1000])
@pytest.mark.parametrize("start", [H + W + C + 3, Poly.const(12345), H])
def test_growth_ends_soon(grow: object, start: Poly) -> None:
    began = time.process_time()

    def repeat() -> None:
        poly = start
        for _ in range(2000):
            poly = grow(poly) + 7  # type: ignore[operator]
            compare(poly, start)

    with pytest.raises(TooComplex):
        repeat()
    assert time.process_time() - began < 2
