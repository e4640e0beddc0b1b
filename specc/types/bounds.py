"""What a size is at least, proven for all values of its names.

Names are replaced by their least value plus something that is not negative; where every
coefficient is then at least zero, the constant is a lower bound. Quotients are first removed by
``(P - k + 1) / k <= floor(P / k) <= P / k``, which keeps what they share with the rest of the
polynomial (``H - floor(H/2)`` is at least 0 although neither part is bounded by the other's bound).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from specc.types.limits import TooComplex
from specc.types.polynomial import Atom, Floor, Monomial, Poly, Var, over

_STEPS = 120
"""Polynomials looked at for one bound; the search branches, so it must end by count."""

Least = Mapping[Atom, int]
"""What atoms are known to be at least, beyond what they say themselves."""


def lower_bound(
    poly: Poly, least: Least | None = None, nonnegative: tuple[Poly, ...] = ()
) -> int | None:
    """The greatest constant found that ``poly`` never falls below, or ``None``.

    What is left of ``poly`` after one of ``nonnegative`` was taken away bounds it as well.
    """
    search = _Search(least or {})
    bounds = []
    try:
        bounds.append(search.lower(poly))
        for slack in nonnegative:
            if not slack.variables.isdisjoint(poly.variables):
                bounds.append(search.lower(poly - slack))
    except TooComplex:  # a bound that cannot be computed is one that was not found
        pass
    return _greatest(bounds)


class _Search:
    """One search for a bound, with its budget."""

    def __init__(self, least: Least) -> None:
        self.least = least
        self.left = _STEPS

    def lower(self, poly: Poly) -> int | None:
        if poly.constant is not None:
            return poly.constant
        self.left -= 1
        if self.left < 0:
            return None
        floor = _outermost_floor(poly)
        return self._without_floors(poly) if floor is None else self._by_removing(floor, poly)

    def _without_floors(self, poly: Poly) -> int | None:
        def shifted(atom: Atom) -> Poly:
            assert isinstance(atom, Var)
            return Poly.atom(atom) + self.least.get(atom, atom.least or 0)

        least_coefficient = min(poly.terms[monomial] for monomial in poly.terms if monomial)
        linear = all(len(monomial) <= 1 for monomial in poly.terms)
        if (linear and least_coefficient < 0) or self._unbounded(poly):
            return None
        moved = poly.map_atoms(shifted).terms
        if any(coefficient < 0 for monomial, coefficient in moved.items() if monomial):
            return None
        return moved.get((), 0)

    def _unbounded(self, poly: Poly) -> bool:
        return any(
            isinstance(atom, Var) and atom.least is None and atom not in self.least
            for monomial in poly.terms
            for atom in monomial
        )

    def _by_removing(self, floor: Floor, poly: Poly) -> int | None:
        """The best bound of ``poly = slope * floor + rest`` over the ways to bound ``floor``."""
        split = _linear_in(floor, poly)
        if split is None:
            return None
        slope, rest = split
        numerator, divisor = floor.numerator, floor.divisor
        found: list[int | None] = []
        if self._is_at_least(slope, 0):
            scaled = slope * (numerator - divisor + 1) + rest * divisor
            found.append(self._unscaled(scaled, divisor))
            alone = self._floor_at_least(floor)
            if alone is not None:
                found.append(self.lower(slope * alone + rest))
        elif self._is_at_least(-slope, 0):
            found.append(self._unscaled(slope * numerator + rest * divisor, divisor))
        return _greatest(found)

    def _floor_at_least(self, floor: Floor) -> int | None:
        known = self.least.get(floor)
        inner = self.lower(floor.numerator)
        if inner is None or floor.divisor.constant is None:
            proven = 0 if inner is not None and inner >= 0 and self._positive(floor) else None
        else:
            proven = inner // floor.divisor.constant
        return _greatest((known, proven))

    def _positive(self, floor: Floor) -> bool:
        return self._is_at_least(floor.divisor, 1)

    def _unscaled(self, scaled: Poly, divisor: Poly) -> int | None:
        """A bound of an integer ``x`` from one of ``scaled = divisor * x`` or of less than that."""
        if not self._is_at_least(divisor, 1):
            return None
        bound = self.lower(scaled)
        if bound is None:
            return None
        if divisor.constant is not None:
            return -(-bound // divisor.constant)
        return min(bound, 1)  # x > 0 where the product is, and x >= bound where it is not

    def _is_at_least(self, poly: Poly, least: int) -> bool:
        bound = self.lower(poly)
        return bound is not None and bound >= least


def _greatest(bounds: Iterable[int | None]) -> int | None:
    return max((bound for bound in bounds if bound is not None), default=None)


def _outermost_floor(poly: Poly) -> Floor | None:
    floors = {a for monomial in poly.terms for a in monomial if isinstance(a, Floor)}
    return max(floors, key=lambda floor: (floor.depth, floor.key), default=None)


def _linear_in(atom: Atom, poly: Poly) -> tuple[Poly, Poly] | None:
    """``(slope, rest)`` with ``poly = slope * atom + rest``; ``None`` where a power occurs."""
    slope: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in poly.terms.items():
        factor = over(monomial, (atom,))
        if factor is None:
            rest[monomial] = coefficient
        elif atom in factor:
            return None
        else:
            slope[factor] = coefficient
    return Poly(slope), Poly(rest)
