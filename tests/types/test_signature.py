"""The signature notation: read, matched, instantiated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from specc.types.dim import Dim
from specc.types.poly import Facts, Verdict
from specc.types.signature import (
    Bindings,
    Category,
    SignatureError,
    SignatureMismatch,
    instantiate,
    instantiate_pattern,
    match,
    parse,
    parse_pattern,
    show,
)
from specc.types.tensor import Element, TensorType

NOTHING = Facts()


def nothing(name: str) -> None:
    return None


def fields(**values: int) -> Callable[[str], Dim | None]:
    return lambda name: Dim.of(values[name]) if name in values else None


def tensor(text: str) -> TensorType:
    """The type that is written: every name in it stands for itself."""
    return instantiate_pattern(parse_pattern(text), Bindings(), Dim.named, _no_call)


def _no_call(name: str, args: tuple[Dim | int, ...]) -> Dim:
    raise AssertionError(name)


def _bound(text: str, **inputs: str) -> Bindings | SignatureMismatch:
    return match(parse(text), {name: tensor(t) for name, t in inputs.items()}, nothing, NOTHING)


def _outputs(text: str, resolve: Callable[[str], Dim | None] = nothing, **inputs: str) -> list[str]:
    """The types of the outputs for inputs by name; ``window(D, k)`` is a convolution of width 3."""

    def call(name: str, args: tuple[Dim | int, ...]) -> Dim:
        size, axis = args
        assert name == "window"
        assert isinstance(size, Dim)
        assert isinstance(axis, int)
        return (size - 3) // (axis + 1) + 1

    given = {name: tensor(t) for name, t in inputs.items()}
    bindings = match(parse(text), given, resolve, NOTHING)
    assert isinstance(bindings, Bindings), bindings
    return [str(t) for t in instantiate(parse(text), bindings, resolve, call).values()]


# --- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "float[B, in, H, W] -> float[B, out_channels, conv(H, 0), conv(W, 1)]",
        "scores: logits[B, C, ...], target: ids(C)[B, ...], mask: mask[B, ...]? -> float[]",
        "x: float[B, T, F], h: float[L, B, H]? -> (y: float[B, T, H], h: float[L, B, H])",
        "float[B, 2*H, ...S], float[B, H, ...] -> ids([a, b])[(B + 1)//2]",
        "-> float[B, n]",
        "any[...] -> any[...]",
        "number[B, 3] -> float[size()]",
    ],
)
def test_show_writes_what_was_read(text: str) -> None:
    assert show(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("float[B", "at its end"),
        ("float[B] float[B]", "at 'float[B]'"),
        ("float[B]", "at its end"),
        ("float[B] -> tensor[B]", "unknown element 'tensor'"),
        ("float[..., ...] -> float[]", "two '...' in one input"),
        ("x: float[], x: float[] -> float[]", "two inputs"),
        ("-> (y: float[], y: float[])", "two outputs"),
        ("float[B$] -> float[]", "at '$]"),
    ],
)
def test_mistakes_in_a_signature(text: str, words: str) -> None:
    with pytest.raises(SignatureError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert text in str(caught.value)


def test_inputs_without_a_name() -> None:
    assert [i.name for i in parse("float[] -> float[]").inputs] == ["x"]
    assert [i.name for i in parse("float[], float[] -> float[]").inputs] == ["0", "1"]


# --- matching and instantiating ----------------------------------------------------------------


# fmt: off
OUTPUTS = [
    ("float[..., in] -> float[..., n]", {"x": "float[B, T, D]"}, ["float[B, T, 8]"]),
    ("float[..., in] -> float[..., n]", {"x": "float[D]"}, ["float[8]"]),
    ("float[B, in, H] -> float[B, n, window(H, 1)]", {"x": "float[B, 3, S]"},
     ["float[B, 8, (S - 1)//2]"]),
    ("any[B, ...] -> any[B, ...]", {"x": "ids(10)[B, T]"}, ["ids(10)[B, T]"]),
    ("any[..., D] -> any[D, ...]", {"x": "logits[B, T, C]"}, ["logits[C, B, T]"]),
    ("number[...] -> number[...]", {"x": "uint8[3, H]"}, ["uint8[3, H]"]),
    ("a: any[...], b: any[...] -> any[...]", {"a": "logits[B]", "b": "float[B]"}, ["float[B]"]),
    ("a: float[...S, D], b: float[...R, D] -> float[...S, ...R]",
     {"a": "float[B, T, 3]", "b": "float[H, 3]"}, ["float[B, T, H]"]),
    ("x: float[B, T, F], state: float[L, B, H]? -> (output: float[B, T, n], last: float[B, n])",
     {"x": "float[B, 5, 3]"}, ["float[B, 5, 8]", "float[B, 8]"]),
    ("a: float[B, 2 * H], b: float[B, H] -> float[B, 3 * H - 1]",
     {"a": "float[B, 2 * D]", "b": "float[B, D]"}, ["float[B, 3*D - 1]"]),
    ("a: float[B, 2 * H], b: float[B, H] -> float[2 * H // n]",
     {"a": "float[B, 16]", "b": "float[B, 8]"}, ["float[2]"]),
    ("ids(V)[B, T] -> float[B, T, V]", {"x": "ids(100)[B, T]"}, ["float[B, T, 100]"]),
    ("float[B, C] -> ids(C)[B]", {"x": "float[B, C]"}, ["ids(C)[B]"]),
    ("float[B, n] -> float[B]", {"x": "float[B, 8]"}, ["float[B]"]),
    ("float[] -> float[1]", {"x": "float[]"}, ["float[1]"]),
    ("-> float[n, 2]", {}, ["float[8, 2]"]),
]
# fmt: on


@pytest.mark.parametrize(("signature", "inputs", "outputs"), OUTPUTS)
def test_outputs(signature: str, inputs: dict[str, str], outputs: list[str]) -> None:
    assert _outputs(signature, fields(n=8), **inputs) == outputs


def test_bindings_have_every_name() -> None:
    bound = _bound(
        "a: any[B, ..., D], b: ids(V)[B, ...S] -> any[B]", a="logits[N, T, 3]", b="ids(9)[N, 2]"
    )
    assert isinstance(bound, Bindings)
    assert {name: str(dim) for name, dim in bound.dims.items()} == {"B": "N", "D": "3", "V": "9"}
    assert {name: [str(d) for d in dims] for name, dims in bound.rest.items()} == {
        "": ["T"],
        "S": ["2"],
    }
    assert bound.elements == {"any": Element("logits")}


CROSS_ENTROPY = "scores: logits[B, C, ...], target: ids(C)[B, ...], mask: mask[B, ...]? -> float[]"


# fmt: off
MISMATCHES = [
    (CROSS_ENTROPY, {"scores": "logits[B, C]"},
     "missing_input", "target", ("ids(C)[B, ...]", "")),
    (CROSS_ENTROPY, {"scores": "logits[B, C]", "target": "ids(C)[B]", "weight": "float[C]"},
     "unexpected_input", "weight", ("", "float[C]")),
    (CROSS_ENTROPY, {"scores": "probs[B, C]", "target": "ids(C)[B]"},
     "element", "scores", ("logits", "probs")),
    (CROSS_ENTROPY, {"scores": "logits[B, C]", "target": "float[B]"},
     "element", "target", ("ids", "float")),
    (CROSS_ENTROPY, {"scores": "logits[B, 10]", "target": "ids(7)[B]"},
     "bound", "target", ("10", "7")),
    (CROSS_ENTROPY, {"scores": "logits[B, C]", "target": "ids(K)[B]"},
     "bound", "target", ("C", "K")),
    (CROSS_ENTROPY, {"scores": "logits[B, C]", "target": "ids(C)[B, T]"},
     "rank", "target", ("[B, ...]", "[B, T]")),
    (CROSS_ENTROPY, {"scores": "logits[B, C, T]", "target": "ids(C)[B, S]"},
     "size", "target", ("T", "S")),
    (CROSS_ENTROPY, {"scores": "logits[B]", "target": "ids(C)[B]"},
     "rank", "scores", ("[B, C, ...]", "[B]")),
    ("a: float[B, T], b: float[B, T] -> float[]", {"a": "float[B, 3]", "b": "float[B, 4]"},
     "size", "b", ("3", "4")),
    ("a: float[B, 2*H], b: float[B, H] -> float[]", {"a": "float[B, 9]", "b": "float[B, 4]"},
     "size", "a", ("8", "9")),
    ("float[B, 3] -> float[]", {"x": "float[B, 4]"}, "size", "x", ("3", "4")),
    ("float[B, n] -> float[]", {"x": "float[B, 9]"}, "size", "x", ("8", "9")),
    ("ids(n)[B] -> float[]", {"x": "ids(9)[B]"}, "bound", "x", ("8", "9")),
    ("ids(n)[B] -> float[]", {"x": "ids(V)[B]"}, "bound", "x", ("8", "V")),
    ("ids(n)[B] -> float[]", {"x": "ids([3, 4])[B]"},
     "bound", "x", ("ids(n)[B]", "ids([3, 4])")),
    ("ids(C)[B] -> float[]", {"x": "ids[B]"}, "bound", "x", ("ids(C)[B]", "ids")),
    ("number[B] -> float[]", {"x": "mask[B]"}, "element", "x", ("number", "mask")),
    ("a: any[B], b: any[B] -> any[B]", {"a": "float[B]", "b": "int[B]"},
     "element", "b", ("float", "int")),
]
# fmt: on


@pytest.mark.parametrize(("signature", "inputs", "category", "at", "sides"), MISMATCHES)
def test_mismatches(
    signature: str, inputs: dict[str, str], category: str, at: str, sides: tuple[str, str]
) -> None:
    given = {name: tensor(t) for name, t in inputs.items()}
    mismatch = match(parse(signature), given, fields(n=8), NOTHING)
    assert isinstance(mismatch, SignatureMismatch)
    assert (mismatch.category, mismatch.input) == (category, at)
    assert (mismatch.wanted, mismatch.given) == sides
    if mismatch.category is Category.SIZE:
        assert mismatch.sizes is not None
        assert mismatch.axis is not None
        assert given[at].dims[mismatch.axis] == mismatch.sizes[1]
        unknown = any(dim.known is None for dim in mismatch.sizes)
        assert mismatch.verdict is (Verdict.UNKNOWN if unknown else Verdict.DIFFERENT)


def test_a_field_is_a_ceiling_for_ids() -> None:
    signature = parse("ids(num_embeddings)[...] -> float[..., num_embeddings]")
    for bound, fits in (("5", True), ("8", True), ("9", False)):
        given = {"x": tensor(f"ids({bound})[B]")}
        found = match(signature, given, fields(num_embeddings=8), NOTHING)
        assert isinstance(found, Bindings) == fits


def test_bounds_for_each_entry() -> None:
    signature = parse("ids([a, b])[B, 2] -> float[a + b]")
    bound = match(signature, {"x": tensor("ids([7, 8])[B, 2]")}, nothing, NOTHING)
    assert isinstance(bound, Bindings)
    output = instantiate(signature, bound, nothing, _no_call)["output"]
    assert str(output) == "float[15]"


def test_facts_settle_what_is_unknown() -> None:
    signature = parse("a: float[B, T], b: float[B, T] -> float[]")
    inputs = {"a": tensor("float[N, S]"), "b": tensor("float[N, T]")}
    assert isinstance(match(signature, inputs, nothing, NOTHING), SignatureMismatch)
    facts = Facts().with_equal(Dim.named("S").poly, Dim.named("T").poly)
    assert isinstance(match(signature, inputs, nothing, facts), Bindings)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("float[B] -> float[D]", "D is neither bound"),
        ("float[B] -> float[...]", "bound by no input"),
        ("float[B] -> any[B]", "bound by no input"),
        ("float[2 * D] -> float[]", "D is neither bound"),
        ("float[window(2)] -> float[]", "on the left"),
    ],
)
def test_mistakes_of_the_author_are_raised(signature: str, words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        _outputs(signature, x="float[N]")
