"""Matching tensors against a signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from specc.types.dim import Dim
from specc.types.elements import Element, mismatch
from specc.types.evaluation import Resolve, evaluate
from specc.types.notation import (
    Input,
    Pattern,
    Rest,
    Signature,
    SignatureError,
    show_dim,
    show_pattern,
)
from specc.types.poly import Facts, Verdict
from specc.types.tensor import Dims, TensorType, show_dims
from specc.types.terms import Ref, Term, show


class Category(StrEnum):
    RANK = "rank"
    SIZE = "size"
    ELEMENT = "element"
    BOUND = "bound"
    MISSING_INPUT = "missing_input"
    UNEXPECTED_INPUT = "unexpected_input"


class SignatureMismatch(Struct, frozen=True):
    """Where the given tensors first leave the signature.

    ``wanted`` and ``given`` are the two sides as messages print them: sizes, element words, bounds,
    and whole shapes for a rank. ``axis`` is from 0 and there for sizes; ``pattern`` is how the
    signature writes the size or bound; ``sizes`` holds both as dims. ``verdict`` is
    `Verdict.UNKNOWN` where they might be equal but are not proven so.
    """

    category: Category
    input: str
    wanted: str = ""
    given: str = ""
    axis: int | None = None
    pattern: str = ""
    sizes: tuple[Dim, Dim] | None = None
    verdict: Verdict = Verdict.DIFFERENT
    reason: str = ""


class Bindings(Struct, frozen=True):
    """What the names of a signature stand for at one application.

    ``rest`` has the dims of each ``...`` by its name (``""`` for the plain one), ``elements`` those
    of ``any`` and ``number``.
    """

    dims: Mapping[str, Dim] = field(default_factory=dict)
    rest: Mapping[str, Dims] = field(default_factory=dict)
    elements: Mapping[str, Element] = field(default_factory=dict)


def match(
    signature: Signature, inputs: Mapping[str, TensorType], resolve: Resolve, facts: Facts
) -> Bindings | SignatureMismatch:
    """Bind the signature's names to the given tensors, or say what does not fit.

    Raises `SignatureError` where the signature computes with names that its inputs do not bind.
    """
    known = {wanted.name for wanted in signature.inputs}
    for name, given in inputs.items():
        if name not in known:
            return SignatureMismatch(Category.UNEXPECTED_INPUT, name, given=str(given))
    for wanted in signature.inputs:
        if wanted.name not in inputs and not wanted.optional:
            shown = show_pattern(wanted.pattern)
            return SignatureMismatch(Category.MISSING_INPUT, wanted.name, wanted=shown)
    present = [(i, inputs[i.name]) for i in signature.inputs if i.name in inputs]
    return _Match(resolve, facts).run(present)


class _Match:
    """One match under way: names are bound from left to right.

    Arithmetic waits until all plain names are bound, so ``float[B, 2*H], float[B, H]`` is fine; the
    bounds of ids come last, so that ``ids(C)`` is held against a size ``C`` rather than binding it.
    """

    def __init__(self, resolve: Resolve, facts: Facts) -> None:
        self.resolve = resolve
        self.facts = facts
        self.dims: dict[str, Dim] = {}
        self.rest: dict[str, Dims] = {}
        self.elements: dict[str, Element] = {}
        self.computed: list[tuple[str, int, Term, Dim]] = []

    def run(self, present: list[tuple[Input, TensorType]]) -> Bindings | SignatureMismatch:
        failure = (
            _first(self._tensor(wanted, given) for wanted, given in present)
            or _first(self._equal(*size, self._value(size[2])) for size in self.computed)
            or _first(self._bound(wanted, given.element) for wanted, given in present)
        )
        return failure or Bindings(self.dims, self.rest, self.elements)

    def _tensor(self, wanted: Input, given: TensorType) -> SignatureMismatch | None:
        return self._element(wanted, given.element) or self._shape(wanted, given.dims)

    # --- elements ------------------------------------------------------------------------------

    def _element(self, wanted: Input, given: Element) -> SignatureMismatch | None:
        word = wanted.pattern.element
        if word in ("any", "other") or (word == "number" and given.base not in ("bool", "str")):
            return self._variable_element(wanted, given)
        failure = None if word == "number" else mismatch(Element(word), given)
        if word != "number" and failure is None:
            return None
        reason = failure.reason if failure else "only numbers are taken"
        return SignatureMismatch(
            Category.ELEMENT, wanted.name, wanted=word, given=str(given), reason=reason
        )

    def _variable_element(self, wanted: Input, given: Element) -> SignatureMismatch | None:
        """Two inputs of one variable agree in their base; where a refinement differs it is lost."""
        word = wanted.pattern.element
        bound = self.elements.setdefault(word, given)
        if bound.base != given.base:
            reason = f"it goes with {bound}, which another input has"
            return SignatureMismatch(
                Category.ELEMENT, wanted.name, wanted=str(bound), given=str(given), reason=reason
            )
        if bound != given:
            self.elements[word] = given.plain
        return None

    # --- shapes --------------------------------------------------------------------------------

    def _shape(self, wanted: Input, given: Dims) -> SignatureMismatch | None:
        pattern = wanted.pattern
        at = pattern.rest
        if at is None:
            if len(given) != len(pattern.dims):
                return _rank(wanted, given)
            return self._sizes(wanted.name, 0, pattern.dims, given)
        end = len(given) - (len(pattern.dims) - at - 1)
        if end < at:
            return _rank(wanted, given)
        return (
            self._sizes(wanted.name, 0, pattern.dims[:at], given[:at])
            or self._rest(wanted, at, given[at:end], given)
            or self._sizes(wanted.name, end, pattern.dims[at + 1 :], given[end:])
        )

    def _rest(
        self, wanted: Input, start: int, middle: Dims, given: Dims
    ) -> SignatureMismatch | None:
        rest = wanted.pattern.dims[start]
        assert isinstance(rest, Rest)
        known = self.rest.setdefault(rest.name, middle)
        if len(known) != len(middle):
            return _rank(wanted, given, reason=f"{show_dim(rest)} is {show_dims(known)}")
        return _first(
            self._equal(wanted.name, start + i, rest, size, expected)
            for i, (size, expected) in enumerate(zip(middle, known, strict=True))
        )

    def _sizes(
        self, name: str, start: int, patterns: tuple[Term | Rest, ...], given: Dims
    ) -> SignatureMismatch | None:
        return _first(
            self._dim(name, axis, pattern, size)
            for axis, (pattern, size) in enumerate(zip(patterns, given, strict=True), start)
            if not isinstance(pattern, Rest)
        )

    def _dim(self, name: str, axis: int, pattern: Term, given: Dim) -> SignatureMismatch | None:
        if isinstance(pattern, Ref):
            known = self._lookup(pattern.name)
            if known is None:
                self.dims[pattern.name] = given
                return None
            return self._equal(name, axis, pattern, given, known)
        self.computed.append((name, axis, pattern, given))
        return None

    def _equal(
        self, name: str, axis: int, pattern: Term | Rest, given: Dim, wanted: Dim
    ) -> SignatureMismatch | None:
        verdict = self.facts.compare(wanted.poly, given.poly)
        if verdict is Verdict.EQUAL:
            return None
        return SignatureMismatch(
            Category.SIZE,
            name,
            wanted=str(wanted),
            given=str(given),
            axis=axis,
            pattern=show_dim(pattern),
            sizes=(wanted, given),
            verdict=verdict,
        )

    def _lookup(self, name: str) -> Dim | None:
        return self.resolve(name) or self.dims.get(name)

    def _value(self, term: Term) -> Dim:
        return evaluate(term, self._lookup, _no_calls)

    # --- bounds of ids -------------------------------------------------------------------------

    def _bound(self, wanted: Input, given: Element) -> SignatureMismatch | None:
        bound = wanted.pattern.bound
        if bound is None:
            return None
        several = isinstance(bound, tuple)
        wanted_bounds = bound if isinstance(bound, tuple) else (bound,)
        given_bounds = given.bound if isinstance(given.bound, tuple) else (given.bound,)
        if several != isinstance(given.bound, tuple) or len(wanted_bounds) != len(given_bounds):
            return _bound_mismatch(wanted, given, "one bound stands against several")
        return _first(
            self._one_bound(wanted, given, term, size)
            for term, size in zip(wanted_bounds, given_bounds, strict=True)
        )

    def _one_bound(
        self, wanted: Input, given: Element, term: Term, size: Dim | None
    ) -> SignatureMismatch | None:
        """A name that is a size of the inputs is met exactly, anything else is a ceiling."""
        if size is None:
            return _bound_mismatch(wanted, given, "nothing is known of the greatest id")
        exact = isinstance(term, Ref) and self.resolve(term.name) is None
        if exact and isinstance(term, Ref) and term.name not in self.dims:
            self.dims[term.name] = size
            return None
        ceiling = self._value(term)
        if exact:
            verdict = self.facts.compare(ceiling.poly, size.poly)
        else:
            verdict = self._below(size, ceiling)
        if verdict is Verdict.EQUAL:
            return None
        return _bound_mismatch(
            wanted, given, "", verdict, (ceiling, size), show(term, compact=True)
        )

    def _below(self, size: Dim, ceiling: Dim) -> Verdict:
        if self.facts.at_least(ceiling.poly - size.poly, 0):
            return Verdict.EQUAL
        above = self.facts.at_least(size.poly - ceiling.poly, 1)
        return Verdict.DIFFERENT if above else Verdict.UNKNOWN


def _first(failures: Iterable[SignatureMismatch | None]) -> SignatureMismatch | None:
    return next((failure for failure in failures if failure is not None), None)


def _rank(wanted: Input, given: Dims, reason: str = "") -> SignatureMismatch:
    shape = show_pattern(Pattern("", None, wanted.pattern.dims))
    return SignatureMismatch(
        Category.RANK, wanted.name, wanted=shape, given=show_dims(given), reason=reason
    )


def _bound_mismatch(
    wanted: Input,
    given: Element,
    reason: str,
    verdict: Verdict = Verdict.DIFFERENT,
    sizes: tuple[Dim, Dim] | None = None,
    pattern: str = "",
) -> SignatureMismatch:
    shown = str(sizes[0]) if sizes else show_pattern(wanted.pattern)
    return SignatureMismatch(
        Category.BOUND,
        wanted.name,
        wanted=shown,
        given=str(sizes[1]) if sizes else str(given),
        pattern=pattern,
        sizes=sizes,
        verdict=verdict,
        reason=reason,
    )


def _no_calls(name: str, args: tuple[Dim | int, ...]) -> Dim:
    raise SignatureError(f"{name}(...) stands on the left of a signature")
