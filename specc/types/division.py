"""Division of sizes: exact, and rounded down to a normal form.

The laws used, for integers with ``k > 0``:

    floor((k*P + R) / k)             = P + floor(R / k)
    floor((g*P + r) / (g*k))         = floor(P / k)                     where 0 <= r < g
    floor((floor(Q / a) + c) / k)    = floor((Q + a*c) / (a*k))

The last is Graham, Knuth, Patashnik, Concrete Mathematics, (3.11); it makes one quotient of a chain
of strided convolutions.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from specc.types.polynomial import Atom, Floor, Monomial, Poly, accumulate, order, over


@lru_cache(maxsize=4096)
def floor_quotient(poly: Poly, divisor: Poly) -> Poly:
    """``floor(poly / divisor)`` in normal form, for a divisor that is not zero."""
    if divisor.constant is not None:
        return _floor_by_int(poly, divisor.constant)
    return _floor_by_poly(poly, divisor)


def divide(poly: Poly, divisor: Poly) -> tuple[Poly, Poly]:
    """Quotient and rest of polynomial long division; coefficients divide rounding down.

    The rest is zero exactly where the division is exact. (Cox, Little, O'Shea, Ideals, Varieties,
    and Algorithms, 2.3, with one divisor.)
    """
    lead, by = divisor.ordered()[0]
    quotient: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    work = poly
    while work.terms:
        monomial, coefficient = min(work.terms.items(), key=lambda term: order(term[0]))
        factor = over(monomial, lead)
        times = coefficient // by
        if factor is not None and times:
            quotient[factor] = times
            work = work - divisor * Poly({factor: times})
        left = work.terms.get(monomial)
        if left is not None:
            rest[monomial] = left
            work = work - Poly({monomial: left})
    return Poly(quotient), Poly(rest)


def _floor_by_int(poly: Poly, divisor: int) -> Poly:
    if divisor < 0:
        return _floor_by_int(-poly, -divisor)
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in poly.terms.items():
        times, left = divmod(coefficient, divisor)
        if times:
            whole[monomial] = times
        if left:
            rest[monomial] = left
    constant = rest.pop((), 0)
    if not rest:
        return Poly(whole)
    common = gcd(divisor, *rest.values())
    rest = {monomial: coefficient // common for monomial, coefficient in rest.items()}
    accumulate(rest, (), constant // common)
    return Poly(whole) + _floor(Poly(rest), Poly.const(divisor // common))


def _floor_by_poly(poly: Poly, divisor: Poly) -> Poly:
    whole, rest = divide(poly, divisor)
    if not rest.terms:
        return whole
    content, shared = _common_factor(rest, divisor)
    if content != 1 or shared:
        return whole + _without(rest, content, shared).floordiv(_without(divisor, content, shared))
    if divisor.is_positive():
        if rest.is_nonnegative() and (divisor - rest).is_positive():
            return whole
        if (-rest).is_positive() and (divisor + rest).is_nonnegative():
            return whole - 1
        return whole + _floor(rest, divisor)
    return whole + Poly.atom(Floor(rest, divisor))


def _floor(rest: Poly, divisor: Poly) -> Poly:
    """``floor(rest / divisor)`` for a positive divisor, by the law of nested quotients."""
    for monomial, coefficient in rest.ordered():
        if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Floor):
            inner = monomial[0]
            others = rest - Poly.atom(inner)
            return (inner.numerator + inner.divisor * others).floordiv(inner.divisor * divisor)
    return Poly.atom(Floor(rest, divisor))


def _common_factor(*polys: Poly) -> tuple[int, Monomial]:
    """The greatest integer and the greatest monomial that divide every term of all ``polys``."""
    content = gcd(*(coefficient for poly in polys for coefficient in poly.terms.values()))
    monomials = [monomial for poly in polys for monomial in poly.terms]
    shared: list[Atom] = [*min(monomials, key=len)]
    for monomial in monomials:
        left = list(monomial)
        for atom in list(shared):
            if atom in left:
                left.remove(atom)
            else:
                shared.remove(atom)
    return content, tuple(shared)


def _without(poly: Poly, content: int, shared: Monomial) -> Poly:
    """``poly`` divided by a factor that divides all its terms."""
    terms: dict[Monomial, int] = {}
    for monomial, coefficient in poly.terms.items():
        left = over(monomial, shared)
        assert left is not None
        terms[left] = coefficient // content
    return Poly(terms)
