"""One size of a tensor, with its two faces.

``poly`` speaks of the names of the root model and decides what is equal. ``term`` speaks of the
names that are visible where the size stands, and is what messages and emitted source print.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from specc.types.limits import TooComplex
from specc.types.polynomial import Atom, Floor, Poly, Var
from specc.types.terms import Const, Op, Ref, Term, names, show


class Dim(Struct, frozen=True):
    """A size. ``==`` compares both faces; whether two sizes are equal is for `Facts.compare`.

    Arithmetic raises `TooComplex` where a result would pass `specc.types.limits`.
    """

    poly: Poly
    term: Term

    @staticmethod
    def of(value: int) -> Dim:
        return Dim(Poly.const(value), Const(value))

    @staticmethod
    def named(name: str, least: int | None = 1) -> Dim:
        """A size known by its name; ``least`` is ``None`` for a number that may be negative."""
        return Dim(Poly.var(name, least), Ref(name))

    @staticmethod
    def product(dims: Iterable[Dim]) -> Dim:
        """The number of values in a block of this shape; the term keeps every factor but ones."""
        poly = Poly.const(1)
        factors: list[Term] = []
        for dim in dims:
            poly = poly * dim.poly
            factors += _factors(dim.term)
        return Dim(poly, _product(factors))

    @property
    def known(self) -> int | None:
        """The size as a number, where it is one."""
        return self.poly.constant

    # --- arithmetic ----------------------------------------------------------------------------

    def __add__(self, other: Dim | int) -> Dim:
        other = as_dim(other)
        return _result(self.poly + other.poly, "+", self.term, other.term)

    def __sub__(self, other: Dim | int) -> Dim:
        other = as_dim(other)
        return _result(self.poly - other.poly, "-", self.term, other.term)

    def __mul__(self, other: Dim | int) -> Dim:
        return Dim.product((self, as_dim(other)))

    def __floordiv__(self, other: Dim | int) -> Dim:
        """Raises `ZeroDivisionError`, as does ``%``."""
        other = as_dim(other)
        return _result(self.poly.floordiv(other.poly), "//", self.term, other.term)

    def __mod__(self, other: Dim | int) -> Dim:
        other = as_dim(other)
        return _result(self.poly.mod(other.poly), "%", self.term, other.term)

    def __pow__(self, exponent: int) -> Dim:
        return _result(self.poly**exponent, "**", self.term, Const(exponent))

    def __neg__(self) -> Dim:
        return _result(-self.poly, "neg", self.term)

    def __radd__(self, other: int) -> Dim:
        return as_dim(other) + self

    def __rsub__(self, other: int) -> Dim:
        return as_dim(other) - self

    def __rmul__(self, other: int) -> Dim:
        return as_dim(other) * self

    def __rfloordiv__(self, other: int) -> Dim:
        return as_dim(other) // self

    def __rmod__(self, other: int) -> Dim:
        return as_dim(other) % self

    # --- printing ------------------------------------------------------------------------------

    def show(self, *, factors: bool = False) -> str:
        """As messages print it (``2*hidden``); with ``factors``, ``16*5*5`` rather than ``400``."""
        if self.known is not None and not factors:
            return str(self.known)
        if any("@" in name for name in names(self.term)):
            return str(self.poly)  # a name that the analysis gave, and nobody wrote
        return show(self.term, compact=True)

    def __str__(self) -> str:
        return self.show()


def as_dim(value: Dim | int) -> Dim:
    """A size that may be given as a number, as a `Dim`."""
    return value if isinstance(value, Dim) else Dim.of(value)


def _factors(term: Term) -> tuple[Term, ...]:
    return term.args if isinstance(term, Op) and term.op == "*" else (term,)


def _product(factors: list[Term]) -> Term:
    if Const(0) in factors:
        return Const(0)
    kept = tuple(factor for factor in factors if factor != Const(1))
    if not kept:
        return Const(1)
    return kept[0] if len(kept) == 1 else Op("*", kept)


# --- readable terms ----------------------------------------------------------------------------


def _result(poly: Poly, op: str, *args: Term) -> Dim:
    """The size ``poly`` that was computed here by ``op``."""
    if poly.constant is not None and not any(names(arg) for arg in args):
        return Dim(poly, Const(poly.constant))
    return Dim(poly, _simplified(op, args))


@lru_cache(maxsize=4096)
def _simplified(op: str, args: tuple[Term, ...]) -> Term:
    """The operation put in order over the names in it."""
    term = Op(op, args)
    reader = _Reader()
    try:
        return reader.term(reader.poly(term))
    except (TooComplex, ZeroDivisionError):  # the names here may say less than the root's
        return term


class _Reader:
    """Reads a term as a polynomial over its names, and writes one back.

    What is no polynomial (``len(widths)``, ``H % 2``) is kept whole under the name it prints as.
    Nothing is assumed of any name, because the printed source runs with whatever it is given.
    """

    def __init__(self) -> None:
        self.whole: dict[str, Term] = {}

    def poly(self, term: Term) -> Poly:
        match term:
            case Const(int(value)):
                return Poly.const(value)
            case Op("+", args):
                return sum((self.poly(arg) for arg in args), Poly.const(0))
            case Op("*", args):
                total = Poly.const(1)
                for arg in args:
                    total = total * self.poly(arg)
                return total
            case Op("-", (left, right)):
                return self.poly(left) - self.poly(right)
            case Op("neg", (inner,)):
                return -self.poly(inner)
            case Op("//", (left, right)):
                return self.poly(left).floordiv(self.poly(right))
            case Op("**", (base, Const(int(exponent)))) if exponent >= 0:
                return self.poly(base) ** exponent
            case _:
                name = show(term)
                self.whole[name] = term
                return Poly.var(name, None)

    def term(self, poly: Poly) -> Term:
        """Terms that are added first, in their order, then those that are taken away."""
        added: list[Term] = []
        taken: list[Term] = []
        floor = _with_room(poly)
        if floor is not None:  # (H - 1)//2 rather than (H + 1)//2 - 1
            constant = poly.terms[()]
            added.append(self._quotient(floor.numerator + floor.divisor * constant, floor.divisor))
            poly = poly - Poly.atom(floor) - constant
        for monomial, coefficient in poly.ordered():
            factors = [Const(abs(coefficient)), *(self._atom(atom) for atom in monomial)]
            (added if coefficient > 0 else taken).append(_product(factors))
        if not added:
            added = [Op("neg", (taken.pop(0),))] if taken else [Const(0)]
        total = added[0] if len(added) == 1 else Op("+", tuple(added))
        for term in taken:
            total = Op("-", (total, term))
        return total

    def _atom(self, atom: Atom) -> Term:
        if isinstance(atom, Var):
            return self.whole[atom.name]
        return self._quotient(atom.numerator, atom.divisor)

    def _quotient(self, numerator: Poly, divisor: Poly) -> Term:
        return Op("//", (self.term(numerator), self.term(divisor)))


def _with_room(poly: Poly) -> Floor | None:
    """The first quotient into which a constant that is taken away can be drawn."""
    if poly.terms.get((), 0) >= 0:
        return None
    for monomial, coefficient in poly.ordered():
        if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Floor):
            return monomial[0]
    return None
