"""Random sizes built twice: symbolically, and as a Python function of the names' values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from specc.types.poly import Poly, Var

NAMES = ("H", "W", "C")

Values = Mapping[str, int]


@dataclass(frozen=True)
class Built:
    poly: Poly
    value: Callable[[Values], int]


def evaluate(poly: Poly, values: Values) -> int:
    """What the normal form is worth, read off its terms and not through its own arithmetic."""
    total = 0
    for monomial, coefficient in poly.terms.items():
        product = coefficient
        for atom in monomial:
            if isinstance(atom, Var):
                product *= values[atom.name]
            else:
                product *= evaluate(atom.numerator, values) // evaluate(atom.divisor, values)
        total += product
    return total


def _named(name: str) -> Built:
    return Built(Poly.var(name), lambda values: values[name])


def _constant(number: int) -> Built:
    return Built(Poly.const(number), lambda values: number)


def _combined(op: str, left: Built, right: Built) -> Built:
    if op == "+":
        return Built(left.poly + right.poly, lambda v: left.value(v) + right.value(v))
    if op == "-":
        return Built(left.poly - right.poly, lambda v: left.value(v) - right.value(v))
    return Built(left.poly * right.poly, lambda v: left.value(v) * right.value(v))


def _divided(op: str, left: Built, right: Built) -> Built:
    if op == "//":
        return Built(left.poly.floordiv(right.poly), lambda v: left.value(v) // right.value(v))
    return Built(left.poly.mod(right.poly), lambda v: left.value(v) % right.value(v))


names = st.sampled_from(NAMES).map(_named)
divisors = st.one_of(
    st.integers(1, 12).map(_constant),
    names,
    st.builds(_combined, st.just("*"), st.integers(1, 4).map(_constant), names),
    st.builds(_combined, st.just("+"), st.integers(0, 3).map(_constant), names),
)
sizes = st.recursive(
    st.one_of(names, st.integers(-6, 9).map(_constant)),
    lambda inner: st.one_of(
        st.builds(_combined, st.sampled_from("+-*"), inner, inner),
        st.builds(_divided, st.sampled_from(("//", "%")), inner, divisors),
    ),
    max_leaves=8,
)
assignments = st.lists(
    st.fixed_dictionaries(
        {name: st.one_of(st.integers(1, 9), st.integers(1, 300)) for name in NAMES}
    ),
    min_size=8,
    max_size=8,
)
