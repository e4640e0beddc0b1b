"""Whether two sizes are equal: yes, no, or not known; and what asserts add to that.

No answer is ever guessed: `Verdict.EQUAL` and `Verdict.DIFFERENT` hold for all values of the names
(each at least 1 unless said otherwise), everything else is `Verdict.UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from math import gcd

from msgspec import Struct
from msgspec.structs import replace

from specc.types.bounds import lower_bound
from specc.types.limits import TooComplex
from specc.types.polynomial import Atom, Floor, Monomial, Poly, Var, over

__all__ = ["Facts", "Floor", "Poly", "TooComplex", "Var", "Verdict", "compare"]

_PASSES = 6
"""Rewriting ends after so many rounds; each round holds, so stopping early loses nothing proven."""


class Verdict(StrEnum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


class Facts(Struct, frozen=True):
    """What is known beyond the sizes themselves; immutable, each ``with_`` method gives a new one.

    ``rules`` rewrite a product of atoms, ``zeros`` are polynomials known to be zero that no rule
    expresses, ``least`` bounds single atoms and ``nonnegative`` whole polynomials.
    """

    rules: tuple[tuple[Monomial, Poly], ...] = ()
    zeros: tuple[Poly, ...] = ()
    least: tuple[tuple[Atom, int], ...] = ()
    nonnegative: tuple[Poly, ...] = ()

    # --- questions -----------------------------------------------------------------------------

    def normal(self, poly: Poly) -> Poly:
        """The polynomial rewritten by what is known; equal to ``poly`` wherever the facts hold."""
        if not self.rules or poly.constant is not None:
            return poly
        for _ in range(_PASSES):
            rewritten = self._rewrite(poly)
            if rewritten == poly:
                break
            poly = rewritten
        return poly

    def compare(self, left: Poly, right: Poly) -> Verdict:
        """Whether two sizes are equal wherever the facts hold."""
        if left == right:
            return Verdict.EQUAL
        if left.constant is not None and right.constant is not None:
            return Verdict.DIFFERENT
        difference = self.normal(left - right)
        if not difference.terms or any(
            difference.exact_div(zero) is not None for zero in self.zeros
        ):
            return Verdict.EQUAL
        if _never_zero_by_divisors(difference):
            return Verdict.DIFFERENT
        if self._proven(difference, 1) or self._proven(-difference, 1):
            return Verdict.DIFFERENT
        return Verdict.UNKNOWN

    def at_least(self, poly: Poly, least: int) -> bool:
        """Whether ``poly >= least`` is proven."""
        return self._proven(self.normal(poly), least)

    def _proven(self, poly: Poly, least: int) -> bool:
        bound = lower_bound(poly, dict(self.least), self.nonnegative)
        return bound is not None and bound >= least

    # --- additions -----------------------------------------------------------------------------

    def with_equal(self, left: Poly, right: Poly) -> Facts:
        """Adds ``left == right``."""
        zero = self._primitive(self.normal(left - right))
        if zero.constant is not None:  # known already, or a contradiction that the caller reports
            return self
        for lead, by in _solutions(zero):
            extended = replace(self, rules=(*self.rules, (lead, by)))
            if extended._rewrite(by) == by:  # one that feeds itself would grow without end
                return extended
        return replace(self, zeros=(*self.zeros, zero))

    def with_divisible(self, poly: Poly, divisor: Poly | int) -> Facts:
        """Adds ``poly % divisor == 0``, as in ``assert H % 16 == 0``."""
        poly = self.normal(poly)
        quotient = poly.floordiv(divisor)
        facts = self.with_equal(poly, quotient * divisor)
        # A positive multiple holds its divisor at least once.
        if self.at_least(poly, 1):
            facts = facts.with_at_least(quotient, 1)
        return facts

    def with_at_least(self, poly: Poly, least: int) -> Facts:
        """Adds ``poly >= least``."""
        poly = self.normal(poly)
        bounded = _single_bound(poly, least)
        if bounded is None:
            return replace(self, nonnegative=(*self.nonnegative, poly - least))
        atom, bound = bounded
        known = dict(self.least)
        known[atom] = max(bound, known.get(atom, bound), _own_least(atom, bound))
        return replace(self, least=tuple(known.items()))

    # --- rewriting -----------------------------------------------------------------------------

    def _rewrite(self, poly: Poly) -> Poly:
        """One round: quotients from the inside, then the first rule that fits each product."""
        total = Poly.const(0)
        for monomial, coefficient in poly.map_atoms(self._rewrite_inside).terms.items():
            image = Poly({monomial: coefficient})
            for lead, by in self.rules:
                factor = over(monomial, lead)
                if factor is not None:
                    image = by * Poly({factor: coefficient})
                    break
            total = total + image
        return total

    def _rewrite_inside(self, atom: Atom) -> Poly:
        if isinstance(atom, Var):
            return Poly.atom(atom)
        return self._rewrite(atom.numerator).floordiv(self._rewrite(atom.divisor))

    def _primitive(self, zero: Poly) -> Poly:
        """``zero`` without common factors that cannot themselves be zero."""
        if not zero.terms:
            return zero
        for atom in min(zero.terms, key=len):
            if self.at_least(Poly.atom(atom), 1):
                zero = zero.exact_div(Poly.atom(atom)) or zero
        return zero.exact_div(gcd(*zero.terms.values())) or zero


def compare(left: Poly, right: Poly) -> Verdict:
    """Whether two sizes are equal for all values of their names."""
    return _NOTHING.compare(left, right)


_NOTHING = Facts()


def _never_zero_by_divisors(poly: Poly) -> bool:
    """Whether an integer divides every term but the constant (``4*P + 1``): atoms are integers."""
    constant = poly.terms.get((), 0)
    common = gcd(*(coefficient for monomial, coefficient in poly.terms.items() if monomial))
    return constant != 0 if common == 0 else constant % common != 0


def _solutions(zero: Poly) -> Iterator[tuple[Monomial, Poly]]:
    """The ways to read ``zero == 0`` as a rule, simplest first: a name, a quotient, a product."""

    def simplest(term: tuple[Monomial, int]) -> tuple[int, bool, tuple[str, ...]]:
        monomial = term[0]
        quotient = any(isinstance(atom, Floor) for atom in monomial)
        return len(monomial), quotient, tuple(atom.key for atom in monomial)

    for lead, coefficient in sorted(zero.terms.items(), key=simplest):
        if lead and abs(coefficient) == 1:
            rest = zero - Poly({lead: coefficient})
            yield lead, rest * -coefficient


def _single_bound(poly: Poly, least: int) -> tuple[Atom, int] | None:
    """``poly >= least`` as a bound of one atom, where it is exactly that."""
    outer = {monomial: coefficient for monomial, coefficient in poly.terms.items() if monomial}
    if len(outer) != 1:
        return None
    (monomial, coefficient), *_ = outer.items()
    if len(monomial) != 1 or coefficient < 0:
        return None
    atom = monomial[0]
    bound = -((poly.terms.get((), 0) - least) // coefficient)
    if isinstance(atom, Floor) and atom.divisor.constant is not None:
        return _single_bound(atom.numerator, bound * atom.divisor.constant) or (atom, bound)
    return atom, bound


def _own_least(atom: Atom, otherwise: int) -> int:
    return otherwise if isinstance(atom, Floor) or atom.least is None else atom.least
