"""The notation in which a component says which tensors it takes and gives.

    float[B, in, H, W] -> float[B, out_channels, conv(H, 0), conv(W, 1)]
    scores: logits[B, C, ...], target: ids(C)[B, ...], mask: mask[B, ...]? -> float[]
    x: float[B, T, F], state: float[L, B, H]? -> (output: float[B, T, H], hidden: float[L, B, H])
    -> float[B, n]

On the left stand the inputs, with a name where there are several and ``?`` where one may be left
out. Each is an element word and dims. A name among the dims is the component's field of that name,
or else is bound by its first use and must be equal on every other; so are numbers and arithmetic.
``...`` stands for any dims, the same wherever it is repeated; a second kind is named, ``...S``.
An input has at most one.
``ids(C)`` relates the bound of ids to a size. The element words ``any`` and ``number`` (anything
but ``bool`` and ``str``) are bound by the input, refinement included, and mean the same on the
right.

On the right stands one tensor or a record. Its dims may also call a method of the component.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from specc.grammars import ParseError, Parser, Token, load_parser
from specc.types.elements import BASES
from specc.types.terms import Const, FunctionCall, Op, Ref, Term
from specc.types.terms import show as show_term

VARIABLE_ELEMENTS = frozenset({"any", "number", "other"})

SINGLE_OUTPUT = "output"
"""The key of an output without a name."""

SINGLE_INPUT = "x"
"""The name of an only input that has none; several are named by their positions, from ``"0"``."""


class SignatureError(ValueError):
    """A signature is written wrongly: a mistake of the component's author, not of the spec's."""


class Rest(Struct, frozen=True):
    """``...`` or ``...name``: any dims."""

    name: str


class Pattern(Struct, frozen=True):
    """One tensor: an element word, the bound of its ids, and its dims."""

    element: str
    bound: Term | tuple[Term, ...] | None
    dims: tuple[Term | Rest, ...]

    @property
    def rest(self) -> int | None:
        """Where ``...`` stands among the dims."""
        return next((i for i, dim in enumerate(self.dims) if isinstance(dim, Rest)), None)


class Input(Struct, frozen=True):
    name: str
    pattern: Pattern
    optional: bool


class Output(Struct, frozen=True):
    name: str
    pattern: Pattern


class Signature(Struct, frozen=True):
    """What `parse` makes of the text."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]


@lru_cache(maxsize=4096)
def parse(text: str) -> Signature:
    """The signature that ``text`` says; raises `SignatureError`."""
    signature: Signature = _parse(text, "signature")
    for what, names in (
        ("input", [i.name for i in signature.inputs]),
        ("output", [o.name for o in signature.outputs]),
    ):
        if len(set(names)) < len(names):
            raise SignatureError(f"two {what}s of one name in {text!r}")
    return signature


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """The type of a single tensor, as ``float[out_features, in]``; raises `SignatureError`."""
    pattern: Pattern = _parse(text, "tensor")
    return pattern


def _parse(text: str, entry: str) -> Any:
    try:
        return _parser().parse(text, entry)
    except ParseError as error:
        where = f"at {text[error.start :]!r}" if error.found else "at its end"
        raise SignatureError(f"cannot read {text!r} {where}") from error
    except SignatureError as error:
        raise SignatureError(f"{error} in {text!r}") from error


@cache
def _parser() -> Parser:
    return load_parser("signature", _Actions())


_Given = tuple[str | None, Pattern, bool]
"""Name, pattern and optionality of an input, before those without a name got one."""


class _Actions:
    """Builds the nodes bottom-up; one method for each rule of ``signature.lark``."""

    def signature(
        self, inputs: tuple[_Given, ...] | None, outputs: tuple[Output, ...]
    ) -> Signature:
        given = inputs or ()
        for _, pattern, _ in given:
            if sum(isinstance(dim, Rest) for dim in pattern.dims) > 1:
                raise SignatureError("two '...' in one input")
        unnamed = [SINGLE_INPUT] if len(given) == 1 else [str(i) for i in range(len(given))]
        return Signature(
            tuple(
                Input(name or unnamed[i], pattern, optional)
                for i, (name, pattern, optional) in enumerate(given)
            ),
            outputs,
        )

    def inputs(self, *inputs: _Given) -> tuple[_Given, ...]:
        return inputs

    def input(self, name: Token | None, pattern: Pattern, optional: Token | None) -> _Given:
        return (name.text if name else None, pattern, optional is not None)

    def output(self, pattern: Pattern) -> tuple[Output, ...]:
        return (Output(SINGLE_OUTPUT, pattern),)

    def record(self, *fields: Output) -> tuple[Output, ...]:
        return fields

    def field(self, name: Token, pattern: Pattern) -> Output:
        return Output(name.text, pattern)

    def tensor(
        self,
        element: Token,
        bound: Term | tuple[Term, ...] | None,
        dims: tuple[Term | Rest, ...] | None,
    ) -> Pattern:
        if element.text not in BASES and element.text not in VARIABLE_ELEMENTS:
            raise SignatureError(f"unknown element {element.text!r}")
        return Pattern(element.text, bound, dims or ())

    def one_bound(self, bound: Term) -> Term:
        return bound

    def many_bounds(self, *bounds: Term) -> tuple[Term, ...]:
        return bounds

    def dims(self, *dims: Term | Rest) -> tuple[Term | Rest, ...]:
        return dims

    def rest(self, token: Token) -> Rest:
        return Rest(token.text.removeprefix("..."))

    def binary(self, left: Term, op: Token, right: Term) -> Term:
        return Op(op.text, (left, right))

    def integer(self, token: Token) -> Term:
        return Const(int(token.text))

    def name(self, token: Token) -> Term:
        return Ref(token.text)

    def call(self, name: Token, *args: Term | None) -> Term:
        return FunctionCall(name.text, tuple(arg for arg in args if arg is not None))

    def atom(self, inner: Term) -> Term:
        return inner


# --- printing ----------------------------------------------------------------------------------


def show(signature: Signature) -> str:
    """The signature as it would be written."""
    inputs = ", ".join(_show_input(i, len(signature.inputs)) for i in signature.inputs)
    outputs = signature.outputs
    if len(outputs) == 1 and outputs[0].name == SINGLE_OUTPUT:
        right = show_pattern(outputs[0].pattern)
    else:
        right = f"({', '.join(f'{o.name}: {show_pattern(o.pattern)}' for o in outputs)})"
    return f"{inputs} -> {right}" if inputs else f"-> {right}"


def _show_input(given: Input, count: int) -> str:
    named = not given.name.isdecimal() and (count > 1 or given.name != SINGLE_INPUT)
    name = f"{given.name}: " if named else ""
    return f"{name}{show_pattern(given.pattern)}{'?' if given.optional else ''}"


def show_pattern(pattern: Pattern) -> str:
    """One tensor of a signature as it would be written: ``ids(C)[B, ...]``."""
    bound = ""
    if isinstance(pattern.bound, tuple):
        bound = f"([{', '.join(show_term(term, compact=True) for term in pattern.bound)}])"
    elif pattern.bound is not None:
        bound = f"({show_term(pattern.bound, compact=True)})"
    return f"{pattern.element}{bound}[{', '.join(show_dim(dim) for dim in pattern.dims)}]"


def show_dim(dim: Term | Rest) -> str:
    """One dim of a signature as it would be written."""
    return f"...{dim.name}" if isinstance(dim, Rest) else show_term(dim, compact=True)
