"""What the values of a tensor are, what passes for what, and what arithmetic makes of them.

A refinement carries meaning on top of a torch dtype: ``logits probs log_probs`` are floats,
``ids(n)`` integers below ``n``, a ``mask`` is true where a value counts. The rules here are what
tells apart the mistakes that torch accepts in silence, such as probabilities where a loss wants
logits.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from specc.types.dim import Dim

BASES = {
    "float": "float",
    "logits": "float",
    "probs": "float",
    "log_probs": "float",
    "int": "int",
    "ids": "int",
    "uint8": "uint8",
    "bool": "bool",
    "mask": "bool",
    "str": "str",
}
"""Every element word and the plain element it refines."""

_PASSES: dict[str, frozenset[str]] = {
    "float": frozenset({"float", "logits", "probs", "log_probs"}),
    "logits": frozenset({"logits", "float"}),
    "probs": frozenset({"probs", "float"}),
    "log_probs": frozenset({"log_probs", "float"}),
    "int": frozenset({"int", "ids"}),
    "ids": frozenset({"ids"}),
    "uint8": frozenset({"uint8"}),
    "bool": frozenset({"bool", "mask"}),
    "mask": frozenset({"mask", "bool"}),
    "str": frozenset({"str"}),
}

_REASONS = {
    ("logits", "probs"): "softmax or sigmoid was already applied",
    ("logits", "log_probs"): "log_softmax was already applied",
    ("probs", "logits"): "logits are not probabilities before softmax or sigmoid",
    ("probs", "log_probs"): "these are logarithms of probabilities",
    ("log_probs", "logits"): "logits are not log-probabilities before log_softmax",
    ("log_probs", "probs"): "these are probabilities, not their logarithms",
    ("float", "uint8"): "bytes are not converted silently",
    ("float", "int"): "integers are not converted silently",
    ("float", "ids"): "ids are names of classes, not quantities",
    ("ids", "int"): "plain int says nothing about its greatest value",
    ("ids", "float"): "ids are whole numbers",
}


class Element(Struct, frozen=True):
    """An element word with its bound: ``ids(10)``, or ``ids([7, 8])`` for each last-dim entry."""

    name: str
    bound: Dim | tuple[Dim, ...] | None = None

    @property
    def base(self) -> str:
        """The plain element: ``float int bool uint8 str``."""
        return BASES[self.name]

    @property
    def plain(self) -> Element:
        return Element(self.base)

    def __str__(self) -> str:
        if self.bound is None:
            return self.name
        if isinstance(self.bound, Dim):
            return f"{self.name}({self.bound})"
        return f"{self.name}([{', '.join(map(str, self.bound))}])"


class Scalar(StrEnum):
    """A plain number beside a tensor; as in torch it only raises the kind, never the width."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"


class ElementFailure(Struct, frozen=True):
    """Why an element is refused, in a few words that complete "...: "."""

    reason: str


def mismatch(wanted: Element, given: Element) -> ElementFailure | None:
    """Why ``given`` does not pass for ``wanted``, or ``None`` where it does; bounds aside."""
    if given.name in _PASSES[wanted.name]:
        return None
    fallback = f"{given.name} does not pass for {wanted.name}"
    return ElementFailure(_REASONS.get((wanted.name, given.name), fallback))


def accepts(wanted: Element, given: Element) -> bool:
    """Whether ``given`` passes for ``wanted``; bounds are compared where they are bound."""
    return mismatch(wanted, given) is None


_RANKS = {"bool": 0, "uint8": 1, "int": 2, "float": 3}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_LOGICAL = frozenset({"and", "or", "not"})
_NOT_ON_BOOLS = {"//": "divided", "%": "divided", "**": "raised to a power"}


def arithmetic(
    op: str, left: Element | Scalar, right: Element | Scalar
) -> Element | ElementFailure:
    """The element of ``left op right``: torch's promotion, with every refinement dropped.

    A tensor of rank 0 beside one with dims counts as the `Scalar` of its base. Comparisons and
    ``and or not`` give masks.
    """
    bases = (_base(left), _base(right))
    if "str" in bases:
        return ElementFailure("text takes no part in arithmetic")
    if op in _COMPARISONS:
        return Element("mask")
    if op in _LOGICAL:
        if bases != ("bool", "bool"):
            return ElementFailure(f"{op} combines masks, not {_other_than_bool(bases)}")
        return Element("mask")
    if op == "@":
        return _matmul(*bases)
    if op == "-" and "bool" in bases:
        return ElementFailure("masks cannot be subtracted, nor subtracted from; use not")
    base = _promoted(left, right)
    if base == "bool" and op in _NOT_ON_BOOLS:
        return ElementFailure(f"masks cannot be {_NOT_ON_BOOLS[op]}")
    if op == "/":
        return Element("float")
    return Element(base)


def _base(operand: Element | Scalar) -> str:
    return operand.value if isinstance(operand, Scalar) else operand.base


def _other_than_bool(bases: tuple[str, str]) -> str:
    return next(base for base in bases if base != "bool")


def _matmul(left: str, right: str) -> Element | ElementFailure:
    if left != right:
        return ElementFailure(f"@ does not convert: {left} against {right}")
    if left == "bool":
        return ElementFailure("masks cannot be multiplied as matrices")
    return Element(left)


def _promoted(left: Element | Scalar, right: Element | Scalar) -> str:
    """The higher of two kinds; an int scalar leaves uint8 tensors as they are."""
    bases = (_base(left), _base(right))
    if "uint8" in bases and Scalar.INT in (left, right):
        return "uint8"
    return max(bases, key=_RANKS.__getitem__)
