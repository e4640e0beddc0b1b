"""What the generator knows of a size: a polynomial over names, and a least value.

Two sizes count as equal only where their polynomials are the same; a size that comes out of a
loop or of a branch is a name of its own that nothing can be written with. So the generator only
asks for what the compiler has to be able to prove.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from specc.syntax import tree
from tests.generated import nodes as n

_counter = itertools.count()


@dataclass(frozen=True, order=True)
class Atom:
    """A name, a rounded-down quotient, or something that cannot be written."""

    key: str
    least: int = 1
    kind: str = "name"
    whole: Size | None = None
    divisor: int = 1


@dataclass(frozen=True, order=True)
class Size:
    terms: tuple[tuple[tuple[Atom, ...], int], ...]

    @property
    def known(self) -> int | None:
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == ():
            return self.terms[0][1]
        return None

    @property
    def least(self) -> int:
        """A bound from below; negative coefficients give none."""
        total = 0
        for atoms, factor in self.terms:
            if factor < 0 and atoms:
                return -(10**6)
            product = factor
            for atom in atoms:
                product *= atom.least
            total += product
        return total

    @property
    def sure(self) -> int:
        """The bound that the compiler has: a name is at least one, whatever it is run with."""
        total = 0
        for atoms, factor in self.terms:
            product = factor
            for atom in atoms:
                known = 1 if atom.kind == "name" else atom.least
                if atom.whole is not None:
                    known = atom.whole.sure // atom.divisor
                product *= known
            total += product if factor > 0 or not atoms else -(10**6)
        return total

    def divides_by(self, number: int) -> bool:
        return all(factor % number == 0 for _, factor in self.terms)

    def __add__(self, other: Size | int) -> Size:
        return _sum([*self.terms, *of(other).terms])

    def __sub__(self, other: Size | int) -> Size:
        return _sum([*self.terms, *((atoms, -f) for atoms, f in of(other).terms)])

    def __mul__(self, other: Size | int) -> Size:
        return _sum(
            (tuple(sorted(a + b, key=lambda atom: atom.key)), f * g)
            for a, f in self.terms
            for b, g in of(other).terms
        )

    def __floordiv__(self, divisor: int) -> Size:
        if self.known is not None:
            return of(self.known // divisor)
        if self.divides_by(divisor):
            return Size(tuple((atoms, factor // divisor) for atoms, factor in self.terms))
        key = f"floor({self.key})/{divisor}"
        return Size((((Atom(key, max(self.least // divisor, 0), "floor", self, divisor),), 1),))

    @property
    def key(self) -> str:
        return " + ".join(f"{f}*{'*'.join(a.key for a in atoms)}" for atoms, f in self.terms)

    @property
    def writable(self) -> bool:
        return all(
            atom.kind == "name" or (atom.whole is not None and atom.whole.writable)
            for atoms, _ in self.terms
            for atom in atoms
        )

    def expr(self) -> tree.Expr:
        """The size as a spec writes it; only where it is `writable`."""
        total: tree.Expr | None = None
        for atoms, factor in sorted(self.terms, key=lambda term: term[1] < 0):
            product: tree.Expr | None = None
            if abs(factor) != 1 or not atoms:
                product = n.lit(abs(factor))
            for atom in atoms:
                written = (
                    n.name(atom.key)
                    if atom.whole is None
                    else n.binary("//", atom.whole.expr(), atom.divisor)
                )
                product = written if product is None else n.binary("*", product, written)
            assert product is not None
            if total is None:
                total = product if factor > 0 else n.unary("-", product)
            else:
                total = n.binary("+" if factor > 0 else "-", total, product)
        return n.lit(0) if total is None else total

    def replaced(self, mapping: Mapping[str, Size], hidden: dict[str, Size]) -> Size:
        """The size with names of a model replaced by what its caller has for them."""
        total = of(0)
        for atoms, factor in self.terms:
            product = of(factor)
            for atom in atoms:
                if atom.kind == "name" and atom.key in mapping:
                    product = product * mapping[atom.key]
                elif atom.whole is not None:
                    product = product * (atom.whole.replaced(mapping, hidden) // atom.divisor)
                else:
                    product = product * hidden.setdefault(atom.key, fresh(atom.least))
            total = total + product
        return total


def _sum(terms: object) -> Size:
    found: dict[tuple[Atom, ...], int] = {}
    for atoms, factor in terms:  # type: ignore[attr-defined]
        found[atoms] = found.get(atoms, 0) + factor
    kept = sorted(((a, f) for a, f in found.items() if f), key=lambda t: [x.key for x in t[0]])
    return Size(tuple(kept))


def of(value: Size | int) -> Size:
    if isinstance(value, Size):
        return value
    return Size((((), value),)) if value else Size(())


def named(word: str, least: int = 1) -> Size:
    return Size((((Atom(word, least),), 1),))


def fresh(least: int = 1) -> Size:
    """A size that nothing is known of and that nothing can name."""
    return Size((((Atom(f"?{next(_counter)}", least, "hidden"),), 1),))


def product(sizes: object) -> Size:
    total = of(1)
    for size in sizes:  # type: ignore[attr-defined]
        total = total * size
    return total
