"""One stage of a pipe: a component that takes a tensor, with what it makes of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.generated import nodes as n
from tests.generated import sizes
from tests.generated.drawing import Draw, Scope, Type

Stage = tuple[Any, Type] | None
Rule = Callable[[Draw, Scope, Type], Stage]
RULES: list[tuple[int, Rule]] = []


def rule(weight: int) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.append((weight, function))
        return function

    return register


def stage(d: Draw, scope: Scope, given: Type, *, keep: bool = False) -> tuple[Any, Type]:
    """A component that can be applied; with ``keep`` it leaves the shape as it is."""
    weights, rules = [w for w, _ in RULES], [r for _, r in RULES]
    for _ in range(60):
        made = d.rng.choices(rules, weights)[0](d, scope, given)
        if made is None:
            continue
        target, result = made
        if keep and (result.dims != given.dims or not result.floats):
            continue
        if any(dim.least < 1 for dim in result.dims) or result.rank > 5:
            continue
        return target, result
    return (n.name("identity"), given)


def written(d: Draw, word: str, target: str, value: Any, *, chance: float = 0.5) -> dict[str, Any]:
    return {word: value} if d.chance(chance) else {}


# --- any floats --------------------------------------------------------------------------------


@rule(6)
def activation(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats:
        return None
    word = d.activation(scope)
    element = "refined" if word == "sigmoid" or word in scope.layers else "float"
    return n.name(word), t.with_dims(t.dims, element)


@rule(1)
def configured_activation(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats:
        return None
    word, value = d.among((("leaky_relu", 0.2), ("elu", 0.5), ("dropout", 0.3)))
    element = t.element if word == "dropout" else "float"
    return n.call(word, value), t.with_dims(t.dims, "refined" if element == "refined" else element)


@rule(8)
def linear(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank < 2:
        return None
    size, value = d.size(scope)
    if d.chance(0.3) and t.dims[-1].writable:  # back to the size it has
        size, value = t.dims[-1], t.dims[-1].expr()
    keywords = {"bias": False} if d.chance(0.3) else {}
    target = (
        n.call("linear", out_features=value, **keywords)
        if d.chance(0.1)
        else n.call("linear", value, **keywords)
    )
    return target, t.with_dim(-1, size)


@rule(3)
def feature_norm(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank < 2:
        return None
    return n.name(d.among(("layer_norm", "rms_norm"))), t.with_dims(t.dims, "float")


@rule(3)
def channel_norm(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or not 2 <= t.rank <= 4:
        return None
    groups = 2 if t.dims[1].divides_by(2) and d.chance(0.7) else 1
    inside = sizes.product((t.dims[1] // groups, *t.dims[2:]))
    if d.chance(0.6) or inside.least < 2:
        return n.name("batch_norm"), t.with_dims(t.dims, "float")
    return n.call("group_norm", groups), t.with_dims(t.dims, "float")


@rule(2)
def softmax(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.element == "refined" or t.rank < 2:
        return None
    axis = d.among((-1, 1))
    return n.call(d.among(("softmax", "log_softmax")), dim=axis), t.with_dims(t.dims, "refined")


@rule(2)
def prelu(d: Draw, scope: Scope, t: Type) -> Stage:
    return (n.name("prelu"), t.with_dims(t.dims, "float")) if t.floats and t.rank > 1 else None


@rule(2)
def glu(d: Draw, scope: Scope, t: Type) -> Stage:
    axes = [k for k in range(1, t.rank) if t.dims[k].divides_by(2)]
    if not t.floats or not axes:
        return None
    axis = d.among(axes)
    return n.call("glu", dim=axis), t.with_dim(axis, t.dims[axis] // 2)


# --- moving values -----------------------------------------------------------------------------


@rule(3)
def flatten(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 3:
        return None
    kept = d.among((1, 1, 2)) if t.rank > 3 else 1
    target = n.name("flatten") if kept == 1 else n.call("flatten", kept)
    return target, t.with_dims((*t.dims[:kept], sizes.product(t.dims[kept:])))


@rule(2)
def transpose(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 3:
        return None
    one, other = d.rng.sample(range(1, t.rank), 2)
    dims = list(t.dims)
    dims[one], dims[other] = dims[other], dims[one]
    return n.call("transpose", one, other if d.chance(0.5) else other - t.rank), t.with_dims(dims)


@rule(1)
def permute(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 3:
        return None
    order = [0, *d.rng.sample(range(1, t.rank), t.rank - 1)]
    return n.call("permute", *order), t.with_dims([t.dims[k] for k in order])


@rule(2)
def unsqueeze(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank > 3:
        return None
    axis = d.number(1, t.rank)
    dims = (*t.dims[:axis], sizes.of(1), *t.dims[axis:])
    return n.call("unsqueeze", axis), t.with_dims(dims)


@rule(2)
def squeeze(d: Draw, scope: Scope, t: Type) -> Stage:
    ones = [k for k in range(1, t.rank) if t.dims[k].known == 1]
    if not ones or t.rank < 3:
        return None
    axis = d.among(ones)
    return n.call("squeeze", axis), t.with_dims(t.dims[:axis] + t.dims[axis + 1 :])


@rule(3)
def reshape(d: Draw, scope: Scope, t: Type) -> Stage:
    """Axes joined, or one axis split where its size is known to divide."""
    first = t.dims[0]
    if not first.writable or t.rank < 2:
        return None
    head = -1 if d.chance(0.2) else first.expr()
    if t.rank > 2 and d.chance(0.5):
        joined = sizes.product(t.dims[1:])
        if not joined.writable:
            return None
        last = joined.expr() if head == -1 or d.chance(0.5) else -1
        return n.call("reshape", head, last), t.with_dims((first, joined))
    axis = t.rank - 1
    parts = next((k for k in (2, 3) if t.dims[axis].divides_by(k)), 1)
    middle = [dim.expr() if dim.writable else None for dim in t.dims[1:axis]]
    if None in middle or not t.dims[axis].writable:
        return None
    rest = t.dims[axis] // parts
    dims = (*t.dims[:axis], sizes.of(parts), rest)
    if d.chance(0.5):
        return n.call("unflatten", axis, [parts, rest.expr()]), t.with_dims(dims)
    return n.call("reshape", head, *middle, parts, rest.expr()), t.with_dims(dims)


@rule(1)
def expand(d: Draw, scope: Scope, t: Type) -> Stage:
    ones = [k for k in range(1, t.rank) if t.dims[k].known == 1]
    if not ones:
        return None
    axis = d.among(ones)
    size, value = d.size(scope)
    counts: list[Any] = [-1] * t.rank
    counts[axis] = value
    return n.call("expand", *counts), t.with_dim(axis, size, t.element)


@rule(1)
def tile(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 2:
        return None
    axis = d.number(1, t.rank - 1)
    counts = [1] * t.rank
    counts[axis] = 2
    return n.call("tile", *counts), t.with_dim(axis, t.dims[axis] * 2, t.element)


@rule(1)
def flip_or_roll(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 2:
        return None
    axis = d.number(1, t.rank - 1)
    return (n.call("flip", axis) if d.chance(0.5) else n.call("roll", 1, axis)), t


@rule(1)
def pad(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank < 2:
        return None
    left, right = d.number(0, 2), d.number(0, 2)
    return n.call("pad", [left, right]), t.with_dim(-1, t.dims[-1] + (left + right), t.element)


@rule(1)
def repeat_interleave(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.rank < 2:
        return None
    axis = d.number(1, t.rank - 1)
    target = n.call("repeat_interleave", repeats=2, dim=axis)
    return target, t.with_dim(axis, t.dims[axis] * 2, t.element)


@rule(1)
def cumsum(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank < 2:
        return None
    return n.call("cumsum", dim=d.number(1, t.rank - 1)), t.with_dims(t.dims, "refined")


# --- reductions --------------------------------------------------------------------------------


@rule(3)
def reduction(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank < 3:
        return None
    word = d.among(("mean", "sum", "amax", "logsumexp"))
    axes = d.rng.sample(range(1, t.rank), d.number(1, min(2, t.rank - 1)))
    keep = d.chance(0.4)
    dims = [
        sizes.of(1) if k in axes else dim for k, dim in enumerate(t.dims) if keep or k not in axes
    ]
    keywords = {"keepdim": True} if keep else {}
    dim = axes[0] if len(axes) == 1 else axes
    element = t.element if word == "amax" else "float"
    return n.call(word, dim=dim, **keywords), t.with_dims(dims, element)


# --- sequences ---------------------------------------------------------------------------------


def is_sequence(t: Type) -> bool:
    return t.floats and t.rank == 3


@rule(2)
def recurrent(d: Draw, scope: Scope, t: Type) -> Stage:
    """As a stage a record stands for its output."""
    if not is_sequence(t) or scope.loops > 1:
        return None
    size, value = d.size(scope)
    both = d.chance(0.3)
    keywords = {"bidirectional": True} if both else {}
    target = n.call(d.among(("lstm", "gru", "rnn")), value, **keywords)
    return target, t.with_dim(2, size * (2 if both else 1))


@rule(2)
def attention(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_sequence(t):
        return None
    heads = 2 if t.dims[2].divides_by(2) else 1
    causal = {"causal": True} if d.chance(0.3) else {}
    if d.chance(0.4):
        target = n.call("transformer_encoder_layer", heads, dim_feedforward=4, **causal)
        return target, t.with_dims(t.dims, "float")
    quick = {"need_weights": False} if d.chance(0.5) else {}
    target = n.call("multi_head_attention", heads, **quick, **causal)
    return target, t.with_dims(t.dims, "float")


@rule(1)
def positions(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_sequence(t):
        return None
    if t.dims[1].known is not None and t.dims[1].known <= 32 and d.chance(0.6):
        return n.call("learned_positions", 32), t.with_dims(t.dims, "float")
    return n.name("sinusoidal_positions"), t.with_dims(t.dims, "float")


# --- images and signals ------------------------------------------------------------------------


def is_image(t: Type) -> bool:
    return t.floats and 3 <= t.rank <= 5


@rule(6)
def convolution(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_image(t):
        return None
    spatial = t.rank - 2
    kernel, stride = d.among((1, 3, 3)), d.among((1, 1, 2))
    padded = kernel // 2 if d.chance(0.8) else 0
    size, value = d.size(scope)
    keywords: dict[str, Any] = {}
    if stride != 1:
        keywords["stride"] = stride
    if padded:
        keywords["padding"] = padded
    if d.chance(0.3):
        keywords["bias"] = False
    if d.chance(0.15) and t.dims[1].divides_by(2):
        size, value = d.size(scope, multiple=2)
        keywords["groups"] = 2
    dims = [(dim + 2 * padded - kernel) // stride + 1 for dim in t.dims[2:]]
    if any((dim + 2 * padded - kernel).least < 0 for dim in t.dims[2:]):
        return None
    made = {"kernel_size": kernel} if d.chance(0.5) else None
    target = (
        n.call(f"conv{spatial}d", value, **made, **keywords)
        if made
        else n.call(f"conv{spatial}d", value, kernel, **keywords)
    )
    return target, t.with_dims((t.dims[0], size, *dims), "float")


@rule(1)
def transposed_convolution(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_image(t) or t.rank == 5:
        return None
    size, value = d.size(scope)
    target = n.call(f"conv_transpose{t.rank - 2}d", value, kernel_size=2, stride=2)
    return target, t.with_dims((t.dims[0], size, *(dim * 2 for dim in t.dims[2:])), "float")


@rule(3)
def pooling(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_image(t) or any(dim.least < 2 for dim in t.dims[2:]):
        return None
    word = f"{d.among(('max', 'avg'))}_pool{t.rank - 2}d"
    dims = (*t.dims[:2], *((dim - 2) // 2 + 1 for dim in t.dims[2:]))
    return n.call(word, 2), t.with_dims(dims, "float")


@rule(2)
def adaptive_pooling(d: Draw, scope: Scope, t: Type) -> Stage:
    if not is_image(t):
        return None
    size = d.among((1, 1, 2))
    word = f"adaptive_{d.among(('max', 'avg'))}_pool{t.rank - 2}d"
    dims = (*t.dims[:2], *(sizes.of(size) for _ in t.dims[2:]))
    return n.call(word, size), t.with_dims(dims, "float")


@rule(1)
def plane_layer(d: Draw, scope: Scope, t: Type) -> Stage:
    if not t.floats or t.rank != 4:
        return None
    if d.chance(0.5):
        return n.call("dropout2d", 0.2), t.with_dims(t.dims, "refined")
    return n.call("local_response_norm", 2), t.with_dims(t.dims, "float")


# --- ids ---------------------------------------------------------------------------------------


@rule(12)
def embedding(d: Draw, scope: Scope, t: Type) -> Stage:
    if t.element != "ids" or t.rank > 3:
        return None
    size, value = d.size(scope)
    return n.call("embedding", t.bound, value), Type("float", (*t.dims, size))
