"""What asserts add to the comparison of sizes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from specc.types.poly import Facts, Poly, Verdict
from tests.types.brute_force import NAMES, Built, Values, assignments, evaluate, sizes

H, W, C = (Poly.var(name) for name in NAMES)
HEADS = Poly.var("heads")
ZERO = Poly.const(0)


def test_divisible_by_a_number() -> None:
    facts = Facts().with_divisible(H, 16)
    assert facts.normal(H.floordiv(2)) == 8 * H.floordiv(16)
    assert facts.compare(H.floordiv(2).floordiv(2) * 4, H) is Verdict.EQUAL
    assert facts.compare((H + 3).floordiv(4), H.floordiv(4)) is Verdict.EQUAL
    assert facts.compare(H, Poly.const(24)) is Verdict.DIFFERENT
    assert facts.at_least(H, 16)
    assert Facts().compare(H.floordiv(2) * 2, H) is Verdict.UNKNOWN


def test_divisible_by_a_name() -> None:
    facts = Facts().with_divisible(C, HEADS)
    assert facts.compare(C.floordiv(HEADS) * HEADS, C) is Verdict.EQUAL
    assert facts.at_least(C.floordiv(HEADS), 1)


def test_divisibilities_add_up() -> None:
    facts = Facts().with_divisible(H, 16).with_divisible(H, 12)
    assert facts.compare(H.floordiv(48) * 48, H) is Verdict.EQUAL
    assert facts.at_least(H, 48)


def test_divisible_sums_and_products() -> None:
    odd = Facts().with_divisible(H + 1, 2)
    assert odd.compare(H.floordiv(2) * 2 + 1, H) is Verdict.EQUAL
    area = Facts().with_divisible(H * W, 4)
    assert area.compare((C * H * W).floordiv(4), C * (H * W).floordiv(4)) is Verdict.EQUAL


def test_equal_names_and_numbers() -> None:
    facts = Facts().with_equal(H, W)
    assert facts.compare(H.floordiv(2), W.floordiv(2)) is Verdict.EQUAL
    assert facts.with_equal(W, Poly.const(32)).normal(H).constant == 32
    assert Facts().with_equal(2 * H * C, 2 * W * C).compare(H, W) is Verdict.EQUAL
    assert Facts().with_equal(2 * H, 3 * W).compare(4 * H, 6 * W) is Verdict.EQUAL


def test_equal_to_something_of_itself() -> None:
    facts = Facts().with_equal(H.floordiv(2) * 2, H)
    assert facts.compare((H + 1).floordiv(2), H.floordiv(2)) is Verdict.EQUAL
    # H = floor(H / 2) + 3 would grow with each rewriting; it must be taken in, and end.
    loop = Facts().with_equal(H, H.floordiv(2) + 3)
    assert loop.compare(H, H.floordiv(2) + 3) is Verdict.EQUAL


def test_what_is_known_or_impossible_adds_nothing() -> None:
    assert Facts().with_equal(H + 1, 1 + H) == Facts()
    assert Facts().with_equal(H, H + 1) == Facts()


def test_at_least() -> None:
    facts = Facts().with_at_least(H, 8)
    assert facts.compare(H, Poly.const(7)) is Verdict.DIFFERENT
    assert facts.compare(H, Poly.const(8)) is Verdict.UNKNOWN
    assert facts.with_at_least(H, 4).at_least(H, 8)
    assert Facts().with_at_least((H - 3).floordiv(2) + 1, 4).at_least(H, 9)
    assert Facts().with_at_least(H + 2 * W, 7).at_least(2 * H + 4 * W - 6, 2)
    assert not Facts().with_at_least(H - W, 0).at_least(W - H, 0)


def test_facts_are_values() -> None:
    facts = Facts()
    assert facts.with_divisible(H, 2) is not facts
    assert facts == Facts()
    assert hash(Facts().with_equal(H, W)) == hash(Facts().with_equal(H, W))


@settings(max_examples=300, deadline=None)
@given(sizes, sizes, st.integers(2, 6), st.integers(1, 6), assignments)
def test_answers_under_facts_hold(
    left: Built, right: Built, divisor: int, least: int, samples: list[Values]
) -> None:
    facts = Facts().with_divisible(H, divisor).with_equal(W, 2 * C + 1).with_at_least(C, least)
    verdict = facts.compare(left.poly, right.poly)
    for sample in samples:
        smallest = max(sample["C"], least)
        values = {"H": sample["H"] * divisor, "C": smallest, "W": 2 * smallest + 1}
        assert evaluate(facts.normal(left.poly), values) == left.value(values)
        same = left.value(values) == right.value(values)
        assert not (verdict is Verdict.EQUAL and not same)
        assert not (verdict is Verdict.DIFFERENT and same)
