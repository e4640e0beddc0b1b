"""What a component says of its tensors: parsed, matched, and the types that follow.

The notation is told in `specc.types.notation`, how it is matched in `specc.types.matching`.
"""

from __future__ import annotations

from specc.types.dim import Dim
from specc.types.elements import Element
from specc.types.evaluation import Call, Resolve, evaluate
from specc.types.matching import Bindings, Category, SignatureMismatch, match
from specc.types.notation import (
    SINGLE_INPUT,
    SINGLE_OUTPUT,
    VARIABLE_ELEMENTS,
    Pattern,
    Rest,
    Signature,
    SignatureError,
    parse,
    parse_pattern,
    show,
    show_dim,
)
from specc.types.tensor import Dims, TensorType
from specc.types.terms import Term

__all__ = [
    "SINGLE_INPUT",
    "SINGLE_OUTPUT",
    "Bindings",
    "Call",
    "Category",
    "Pattern",
    "Resolve",
    "Signature",
    "SignatureError",
    "SignatureMismatch",
    "instantiate",
    "instantiate_pattern",
    "match",
    "parse",
    "parse_pattern",
    "show",
]


def instantiate(
    signature: Signature, bindings: Bindings, resolve: Resolve, call: Call
) -> dict[str, TensorType]:
    """The types of the outputs by name; the key of a single output is `SINGLE_OUTPUT`.

    Raises `SignatureError` for a name that is neither bound nor a field, and whatever ``call``
    raises.
    """
    return {
        output.name: instantiate_pattern(output.pattern, bindings, resolve, call)
        for output in signature.outputs
    }


def instantiate_pattern(
    pattern: Pattern, bindings: Bindings, resolve: Resolve, call: Call
) -> TensorType:
    """The type that one tensor of a signature stands for; raises as `instantiate` does."""

    def value(term: Term) -> Dim:
        return evaluate(term, lambda name: resolve(name) or bindings.dims.get(name), call)

    dims: list[Dim] = []
    for dim in pattern.dims:
        if isinstance(dim, Rest):
            dims += _rest(dim, bindings)
        else:
            dims.append(value(dim))
    if pattern.element in VARIABLE_ELEMENTS:
        return TensorType(_variable(pattern.element, bindings), tuple(dims))
    bound: Dim | Dims | None = None
    if isinstance(pattern.bound, tuple):
        bound = tuple(value(term) for term in pattern.bound)
    elif pattern.bound is not None:
        bound = value(pattern.bound)
    return TensorType(Element(pattern.element, bound), tuple(dims))


def _rest(rest: Rest, bindings: Bindings) -> Dims:
    if rest.name not in bindings.rest:
        raise SignatureError(f"{show_dim(rest)} is bound by no input")
    return bindings.rest[rest.name]


def _variable(word: str, bindings: Bindings) -> Element:
    if word not in bindings.elements:
        raise SignatureError(f"{word} is bound by no input")
    return bindings.elements[word]
