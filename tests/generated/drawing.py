"""What drawing a program needs at every place: chance, names, and what is in scope."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from specc.syntax import tree
from tests.generated import nodes as n
from tests.generated import sizes
from tests.generated.sizes import Size

Item = TypeVar("Item")

ACTIVATIONS = ("relu", "gelu", "silu", "tanh", "elu", "softsign", "mish", "sigmoid")


@dataclass(frozen=True)
class Type:
    """``element`` is ``float``, ``refined`` (some kind of float), ``ids``, ``int`` or ``mask``."""

    element: str
    dims: tuple[Size, ...]
    bound: int = 0

    @property
    def rank(self) -> int:
        return len(self.dims)

    @property
    def floats(self) -> bool:
        return self.element in ("float", "refined")

    def with_dims(self, dims: Sequence[Size], element: str = "") -> Type:
        return replace(self, dims=tuple(dims), element=element or self.element)

    def with_dim(self, axis: int, size: Size | int, element: str = "float") -> Type:
        dims = list(self.dims)
        dims[axis] = sizes.of(size)
        return self.with_dims(dims, element)


@dataclass(frozen=True)
class Signature:
    """A model that others may apply: sizes of its inputs and outputs over its own names."""

    name: str
    parameters: tuple[tuple[str, str, bool], ...]
    """Name, type (``int bool layer list float``), and whether it may be left out."""

    inputs: tuple[Type, ...]
    outputs: tuple[tuple[str, Type], ...]
    decided: tuple[tuple[Size, Size], ...] = ()
    """Sizes that the body compares: an application has to know whether they are equal."""
    compares: frozenset[str] = frozenset()
    """Parameters that the body compares with numbers."""


@dataclass
class Scope:
    """What a place in a model sees."""

    tensors: dict[str, Type] = field(default_factory=dict)
    ints: dict[str, Size] = field(default_factory=dict)
    decidable: set[str] = field(default_factory=set)
    """Those of the whole numbers that a condition may ask about."""
    bools: list[str] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    lists: dict[str, Size] = field(default_factory=dict)
    """Lists of whole numbers, with what is known of their items."""
    shared: dict[str, tuple[Type, Type]] = field(default_factory=dict)
    records: dict[str, dict[str, Type]] = field(default_factory=dict)
    parts: dict[str, tuple[Type, ...]] = field(default_factory=dict)
    """Lists of tensors."""
    fixed: set[str] = field(default_factory=set)
    loops: int = 0

    def copy(self) -> Scope:
        made = Scope(loops=self.loops)
        for word in ("tensors", "ints", "lists", "shared", "records", "parts"):
            setattr(made, word, dict(getattr(self, word)))
        made.bools, made.layers = [*self.bools], [*self.layers]
        made.decidable, made.fixed = set(self.decidable), set(self.fixed)
        return made


class Draw:
    """Chance, and names that are not taken."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.models: list[Signature] = []
        self.constants: dict[str, int] = {}
        self.taken: set[str] = set()
        self.labels: set[str] = set()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def among(self, items: Sequence[Item]) -> Item:
        return self.rng.choice(items)

    def number(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    def fresh(self, *words: str) -> str:
        """One of the words, with a number where it is taken."""
        word = self.among(words)
        free, number = word, 1
        while free in self.taken:
            number += 1
            free = f"{word}{number}"
        self.taken.add(free)
        return free

    def label(self) -> str | None:
        if not self.chance(0.25):
            return None
        word = self.among(("stem", "proj", "head", "gate", "inner", "mix", "key_map", "out"))
        free, number = word, 1
        while free in self.labels or free in self.taken:
            number += 1
            free = f"{word}_{number}"
        self.labels.add(free)
        return free

    # --- values --------------------------------------------------------------------------------

    def size(self, scope: Scope, *, multiple: int = 1) -> tuple[Size, Any]:
        """A width for a layer, and how it is written: a number, or arithmetic on what is known."""
        known = [(w, s) for w, s in scope.ints.items() if s.sure >= 1]
        ways = [self._literal, self._literal]
        if known:
            ways += [self._name, self._name, self._times, self._ternary]
        made, written = self.among(ways)(scope, known)
        if multiple == 1 or made.divides_by(multiple):
            return made, written
        return made * multiple, n.binary("*", written, multiple)

    def _literal(self, scope: Scope, known: list[tuple[str, Size]]) -> tuple[Size, Any]:
        value = self.number(1, 6)
        return sizes.of(value), n.lit(value)

    def _name(self, scope: Scope, known: list[tuple[str, Size]]) -> tuple[Size, Any]:
        word, size = self.among(known)
        return size, n.name(word)

    def _times(self, scope: Scope, known: list[tuple[str, Size]]) -> tuple[Size, Any]:
        word, size = self.among(known)
        match self.number(0, 3):
            case 0:
                return size * 2, n.binary("*", 2, n.name(word))
            case 1:
                return size + 1, n.binary("+", n.name(word), 1)
            case 2 if size.sure >= 2:
                return size // 2, n.binary("//", n.name(word), 2)
            case _:
                other, added = self.among(known)
                return size + added, n.binary("+", n.name(word), n.name(other))

    def _ternary(self, scope: Scope, known: list[tuple[str, Size]]) -> tuple[Size, Any]:
        condition = self.condition(scope)
        if condition is None:
            return self._literal(scope, known)
        (one, then), (other, otherwise) = self._name(scope, known), self._literal(scope, known)
        merged = one if one == other else sizes.fresh(min(one.sure, other.sure))
        return merged, n.paren(n.ternary(then, condition, otherwise))

    def condition(self, scope: Scope) -> tree.Expr | None:
        """Something that the compiler can decide: a flag, or a parameter against a number."""
        found: list[tree.Expr] = [n.name(word) for word in scope.bools]
        found += [n.unary("not", n.name(word)) for word in scope.bools]
        for word, size in scope.ints.items():
            if word in scope.decidable or size.known is not None:
                op = self.among((">", "==", "!=", "<=", ">=", "<"))
                found.append(n.binary(op, n.name(word), self.number(1, 4)))
        if not found:
            return None
        if len(found) > 1 and self.chance(0.3):
            return n.binary(self.among(("and", "or")), self.among(found), self.among(found))
        return self.among(found)

    def activation(self, scope: Scope) -> str:
        own = scope.layers and self.chance(0.4)
        return self.among(scope.layers if own else ACTIVATIONS)
