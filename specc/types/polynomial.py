"""Sizes as polynomials: integer coefficients over names and rounded-down quotients.

Arithmetic normalises as it goes, so that two sizes reached by different routes are mostly the same
value. The laws of the quotients are in `specc.types.division`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from specc.types.limits import (
    MAX_EXPONENT,
    MAX_FLOOR_DEPTH,
    MAX_MAGNITUDE,
    MAX_MONOMIALS,
    MAX_PRODUCT,
    MAX_WEIGHT,
    TooComplex,
)


class Var:
    """A size known by name alone, at least ``least`` (``None``: it may be anything)."""

    __slots__ = ("_hash", "least", "name")

    depth = 0
    weight = 1

    def __init__(self, name: str, least: int | None = 1) -> None:
        self.name = name
        self.least = least
        self._hash = hash((name, least))

    @property
    def key(self) -> str:
        return self.name

    @property
    def variables(self) -> frozenset[str]:
        return frozenset((self.name,))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Var) and self.name == other.name and self.least == other.least
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Var({self.name!r})"


class Floor:
    """``floor(numerator / divisor)`` that no law simplifies; made by `Poly.floordiv` only."""

    __slots__ = ("_hash", "depth", "divisor", "key", "numerator", "variables", "weight")

    def __init__(self, numerator: Poly, divisor: Poly) -> None:
        self.numerator = numerator
        self.divisor = divisor
        self.depth = 1 + max(numerator.depth, divisor.depth)
        self.weight = numerator.weight + divisor.weight
        if self.depth > MAX_FLOOR_DEPTH:
            raise TooComplex(f"a size rounds down more than {MAX_FLOOR_DEPTH} times")
        self.variables = numerator.variables | divisor.variables
        self.key = f"{_operand(numerator)}//{_operand(divisor)}"
        self._hash = hash((numerator, divisor))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Floor)
            and self._hash == other._hash
            and self.numerator == other.numerator
            and self.divisor == other.divisor
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Floor({self.key})"


Atom = Var | Floor
Monomial = tuple[Atom, ...]
"""Factors sorted by key, repeated for powers; ``()`` is one."""


class Poly:
    """A polynomial in normal form; equal values that normalise alike compare equal and hash alike.

    Every operation raises `TooComplex` where its result would pass `specc.types.limits`.
    """

    __slots__ = ("_hash", "constant", "depth", "terms", "weight")

    terms: Mapping[Monomial, int]
    constant: int | None
    depth: int
    weight: int

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        """``terms`` must be sorted monomials with coefficients other than zero."""
        self.terms = terms
        self._hash: int | None = None
        self.depth = 0
        self.weight = 0
        for monomial, coefficient in terms.items():
            if not -MAX_MAGNITUDE < coefficient < MAX_MAGNITUDE:
                raise TooComplex("a size has more than 38 digits")
            for atom in monomial:
                self.weight += atom.weight
                self.depth = max(self.depth, atom.depth)
        if len(terms) > MAX_MONOMIALS or self.weight > MAX_WEIGHT:
            raise TooComplex(f"a size is an expression of more than {MAX_MONOMIALS} terms")
        only_constant = not terms or (len(terms) == 1 and () in terms)
        self.constant = terms.get((), 0) if only_constant else None

    @staticmethod
    def const(value: int) -> Poly:
        known = _SMALL.get(value)
        return known if known is not None else Poly({(): value})

    @staticmethod
    def var(name: str, least: int | None = 1) -> Poly:
        return Poly({(Var(name, least),): 1})

    @staticmethod
    def atom(atom: Atom) -> Poly:
        return Poly({(atom,): 1})

    @property
    def variables(self) -> frozenset[str]:
        """Names that occur, also inside quotients."""
        return frozenset().union(*(a.variables for monomial in self.terms for a in monomial))

    # --- ring operations -----------------------------------------------------------------------

    def __add__(self, other: Poly | int) -> Poly:
        other = _poly(other)
        if self.constant is not None and other.constant is not None:
            return Poly.const(self.constant + other.constant)
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            accumulate(terms, monomial, coefficient)
        return Poly(terms)

    def __neg__(self) -> Poly:
        return Poly({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __sub__(self, other: Poly | int) -> Poly:
        return self + -_poly(other)

    def __mul__(self, other: Poly | int) -> Poly:
        other = _poly(other)
        if self.constant is not None and other.constant is not None:
            return Poly.const(self.constant * other.constant)
        if len(self.terms) * len(other.terms) > MAX_PRODUCT:
            raise TooComplex("a size is a product of too many terms")
        terms: dict[Monomial, int] = {}
        for left, by in self.terms.items():
            for right, coefficient in other.terms.items():
                accumulate(terms, _times(left, right), by * coefficient)
        return Poly(terms)

    def __pow__(self, exponent: int) -> Poly:
        if exponent < 0:
            raise ValueError("a size has no negative powers")
        if self.constant in (-1, 0, 1):  # however large the exponent
            return Poly.const(self.constant ** min(exponent, 2 - exponent % 2))
        if exponent > MAX_EXPONENT:
            raise TooComplex(f"a size is raised to a power above {MAX_EXPONENT}")
        result = _ONE
        for _ in range(exponent):
            result = result * self
        return result

    def __radd__(self, other: int) -> Poly:
        return self + other

    def __rsub__(self, other: int) -> Poly:
        return -self + other

    def __rmul__(self, other: int) -> Poly:
        return self * other

    # --- division ------------------------------------------------------------------------------

    # Division and bounds are modules of their own, built on this one; hence the late imports.

    def floordiv(self, other: Poly | int) -> Poly:
        """The quotient rounded down, as Python's ``//``; raises `ZeroDivisionError`."""
        other = _poly(other)
        if self.constant is not None and other.constant is not None:
            return Poly.const(self.constant // other.constant)
        if not other.terms:
            raise ZeroDivisionError("division by zero")
        from specc.types.division import floor_quotient

        return floor_quotient(self, other)

    def mod(self, other: Poly | int) -> Poly:
        """The rest that belongs to `floordiv`, as Python's ``%``; raises `ZeroDivisionError`."""
        return self - _poly(other) * self.floordiv(other)

    def exact_div(self, other: Poly | int) -> Poly | None:
        """The polynomial that gives ``self`` when multiplied by ``other``, if there is one."""
        other = _poly(other)
        if not other.terms:
            raise ZeroDivisionError("division by zero")
        from specc.types.division import divide

        quotient, rest = divide(self, other)
        return None if rest.terms else quotient

    # --- the rest ------------------------------------------------------------------------------

    def map_atoms(self, image: Callable[[Atom], Poly]) -> Poly:
        """The polynomial with every outermost atom replaced."""
        total = _ZERO
        for monomial, coefficient in self.terms.items():
            product = Poly.const(coefficient)
            for atom in monomial:
                product = product * image(atom)
            total = total + product
        return total

    def substitute(self, mapping: Mapping[str, Poly]) -> Poly:
        """The polynomial with names replaced, also inside quotients, normalised anew."""
        if self.variables.isdisjoint(mapping):
            return self

        def image(atom: Atom) -> Poly:
            if isinstance(atom, Var):
                return mapping.get(atom.name) or Poly.atom(atom)
            return atom.numerator.substitute(mapping).floordiv(atom.divisor.substitute(mapping))

        return self.map_atoms(image)

    def is_positive(self) -> bool:
        """Whether it is proven to be at least 1 for all values of its names."""
        return self._proven(1)

    def is_nonnegative(self) -> bool:
        """Whether it is proven to be at least 0 for all values of its names."""
        return self._proven(0)

    def _proven(self, least: int) -> bool:
        from specc.types.bounds import lower_bound

        bound = lower_bound(self)
        return bound is not None and bound >= least

    def ordered(self) -> list[tuple[Monomial, int]]:
        """The terms in the order they are printed: by degree, then by name, the constant last."""
        return sorted(self.terms.items(), key=lambda term: order(term[0]))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Poly) and self.terms == other.terms)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in self.ordered():
            factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
            alone = len(monomial) == 1 and not factors
            factors += [a.key if alone or isinstance(a, Var) else f"({a.key})" for a in monomial]
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} {'*'.join(factors)}" if text else f"{sign}{'*'.join(factors)}"
        return text.removeprefix("+") or "0"

    def __repr__(self) -> str:
        return f"Poly({self})"


_SMALL = {value: Poly({(): value} if value else {}) for value in range(-64, 4097)}
_ZERO = _SMALL[0]
_ONE = _SMALL[1]


def _poly(value: Poly | int) -> Poly:
    return value if isinstance(value, Poly) else Poly.const(value)


def _operand(poly: Poly) -> str:
    text = str(poly)
    return text if text.isidentifier() or text.isdecimal() else f"({text})"


def accumulate(terms: dict[Monomial, int], monomial: Monomial, coefficient: int) -> None:
    """Add one term to ``terms``, which then holds no zero."""
    total = terms.get(monomial, 0) + coefficient
    if total:
        terms[monomial] = total
    else:
        terms.pop(monomial, None)


def _times(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    return tuple(sorted(left + right, key=lambda atom: atom.key))


def order(monomial: Monomial) -> tuple[int, tuple[str, ...]]:
    """Graded lexicographic order, greatest first: smaller keys are greater monomials."""
    return -len(monomial), tuple(atom.key for atom in monomial)


def over(monomial: Monomial, divisor: Iterable[Atom]) -> Monomial | None:
    """The monomial without the factors of ``divisor``; ``None`` where it lacks one."""
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)
