"""Statements of a model, each valid where it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specc.syntax import tree
from tests.generated import nodes as n
from tests.generated import sizes
from tests.generated.applying import apply_model, shared_instance
from tests.generated.drawing import ACTIVATIONS, Draw, Scope, Type
from tests.generated.stages import stage

Body = list[tree.Statement]
Rule = Callable[[Draw, Scope, Body], bool]
RULES: list[tuple[int, Rule]] = []


def rule(weight: int) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.append((weight, function))
        return function

    return register


def statements(d: Draw, scope: Scope, count: int) -> Body:
    body: Body = []
    weights, rules = [w for w, _ in RULES], [r for _, r in RULES]
    drawn = tried = 0
    while drawn < count and tried < 20 * count:
        tried += 1
        drawn += d.rng.choices(rules, weights)[0](d, scope, body)
    return body


def floats(scope: Scope, *, least: int = 1) -> list[str]:
    return [w for w, t in scope.tensors.items() if t.floats and t.rank >= least]


def target(d: Draw, scope: Scope, word: str) -> str:
    """The name itself where it may be bound again, else a new one."""
    if word not in scope.fixed and d.chance(0.6):
        return word
    return d.fresh("h", "x", "y", "z", "state")


def chain(
    d: Draw, scope: Scope, value: tree.Expr, given: Type, count: int, *, keep: bool = False
) -> tuple[tree.Expr, Type]:
    """``value |> ... |> ...``."""
    made = []
    for _ in range(count):
        applied, given = stage(d, scope, given, keep=keep)
        made.append(n.stage(applied, d.label()))
    return n.pipe(value, *made), given


# --- tensors -----------------------------------------------------------------------------------


@rule(8)
def applied(d: Draw, scope: Scope, body: Body) -> bool:
    word = d.among([w for w, t in scope.tensors.items() if t.element != "mask"])
    value, made = chain(d, scope, n.name(word), scope.tensors[word], d.number(1, 3))
    bound = target(d, scope, word)
    type_ = annotation(d, scope, made) if made.floats and d.chance(0.2) else None
    body.append(n.assign(bound, value, type=type_))
    scope.tensors[bound] = made
    return True


def annotation(d: Draw, scope: Scope, made: Type) -> tree.TypeExpr:
    """The type as a spec writes it; some of its sizes get names, outside of loops."""
    dims: list[Any] = []
    for dim in made.dims:
        if scope.loops == 0 and (not dim.writable or d.chance(0.4)):
            word = d.fresh("N_a", "N_b", "N_c")
            scope.ints[word] = dim
            scope.fixed.add(word)
            dims.append(n.name(word))
        elif dim.writable:
            dims.append(dim.expr())
        else:
            return n.typed("float", [*dims, ...])
    return n.typed("float", dims)


@rule(5)
def residual(d: Draw, scope: Scope, body: Body) -> bool:
    words = floats(scope, least=2)
    if not words:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    inner, made = chain(d, scope, n.name(word), given, d.number(1, 3), keep=True)
    if made.dims != given.dims:
        return False
    op = d.among(("+", "+", "*", "-"))
    sides = (n.name(word), inner) if d.chance(0.7) else (inner, n.name(word))
    bound = target(d, scope, word)
    body.append(n.assign(bound, n.binary(op, *sides)))
    scope.tensors[bound] = given.with_dims(given.dims, "float")
    return True


@rule(3)
def scaled(d: Draw, scope: Scope, body: Body) -> bool:
    """Arithmetic with plain values, which keeps the shape."""
    words = floats(scope)
    if not words:
        return False
    word = d.among(words)
    value: tree.Expr = n.name(word)
    for _ in range(d.number(1, 2)):
        known = list(scope.ints)
        number: Any = n.name(d.among(known)) if known and d.chance(0.4) else 0.5
        match d.number(0, 3):
            case 0:
                value = n.binary("/", value, number)
            case 1:
                value = n.binary("+", number, value)
            case 2:
                value = n.binary("-", value, number)
            case 3:
                value = n.unary("-", value)
    bound = target(d, scope, word)
    body.append(n.assign(bound, value))
    scope.tensors[bound] = scope.tensors[word].with_dims(scope.tensors[word].dims, "float")
    return True


@rule(3)
def broadcast(d: Draw, scope: Scope, body: Body) -> bool:
    """A tensor beside one that lacks axes of it, or has them as one."""
    words = floats(scope, least=2)
    if not words:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    axis = d.number(1, given.rank - 1)
    reduced = n.pipe(n.name(word), n.stage(n.call("mean", dim=axis, keepdim=True)))
    body.append(n.assign(bound := target(d, scope, word), n.binary("-", n.name(word), reduced)))
    scope.tensors[bound] = given.with_dims(given.dims, "float")
    return True


@rule(2)
def matrix_product(d: Draw, scope: Scope, body: Body) -> bool:
    words = floats(scope, least=3)
    if not words:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    turned = n.pipe(n.name(word), n.stage(n.call("transpose", -2, -1)))
    bound = d.fresh("scores", "gram")
    body.append(n.assign(bound, n.binary("@", n.name(word), turned)))
    scope.tensors[bound] = given.with_dims((*given.dims[:-1], given.dims[-2]), "float")
    return True


@rule(3)
def indexed(d: Draw, scope: Scope, body: Body) -> bool:
    words = [w for w, t in scope.tensors.items() if t.rank >= 2]
    if not words:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    axis = d.number(1, given.rank - 1)
    size = given.dims[axis]
    dims = list(given.dims)
    match d.number(0, 4):
        case 0 if given.rank > 2:
            item: Any = d.among((0, -1))
            del dims[axis]
        case 1 if size.least >= 2 and size.sure >= 1:
            item = (1, None, None)
            dims[axis] = size - 1
        case 2 if size.least >= 2 and size.sure >= 1:
            item = (None, -1, None)
            dims[axis] = size - 1
        case 3:
            item = (None, None, 2)
            dims[axis] = (size + 1) // 2
        case 4 if size.sure >= 1:
            item = (None, 1, None)
            dims[axis] = sizes.of(1)
        case _:
            return False
    front: list[Any] = [(None, None, None)] * axis
    if axis > 1 and d.chance(0.3) and axis == given.rank - 1:
        front = [...]
    bound = d.fresh("part", "last", "cut")
    body.append(n.assign(bound, n.index(n.name(word), *front, item)))
    scope.tensors[bound] = given.with_dims(dims)
    return True


@rule(2)
def chosen(d: Draw, scope: Scope, body: Body) -> bool:
    """``y = a if flag else b`` over tensors."""
    words = floats(scope, least=2)
    condition = d.condition(scope)
    if not words or condition is None:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    one, first = chain(d, scope, n.name(word), given, 1, keep=d.chance(0.5))
    other, second = (n.name(word), given)
    if d.chance(0.5):
        other, second = chain(d, scope, n.name(word), given, 1, keep=True)
    if first.rank != second.rank:
        return False
    bound = target(d, scope, word)
    body.append(n.assign(bound, n.ternary(n.paren(one), condition, n.at_least(other, 1))))
    scope.tensors[bound] = merged(first, second)
    return True


def merged(one: Type, other: Type) -> Type:
    """What is known of a tensor that is one of two."""
    dims = [
        a if a == b else sizes.fresh(max(min(a.sure, b.sure), 0))
        for a, b in zip(one.dims, other.dims, strict=True)
    ]
    return one.with_dims(dims, one.element if one.element == other.element else "refined")


@rule(2)
def compared(d: Draw, scope: Scope, body: Body) -> bool:
    words = floats(scope, least=2)
    if not words:
        return False
    word = d.among(words)
    value: tree.Expr = n.binary(d.among((">", "<=")), n.name(word), 0.1)
    if d.chance(0.4):
        other = n.binary("<", n.name(word), 1.5)
        value = n.binary(d.among(("and", "or")), value, other)
    if d.chance(0.3):
        value = n.unary("not", value)
    bound = d.fresh("seen", "flag_map")
    body.append(n.assign(bound, value))
    scope.tensors[bound] = scope.tensors[word].with_dims(scope.tensors[word].dims, "mask")
    return True


# --- lists and records -------------------------------------------------------------------------


@rule(2)
def cut_and_joined(d: Draw, scope: Scope, body: Body) -> bool:
    """``a, b = x |> chunk(2, dim=-1)``, or a list of the parts; then one tensor again."""
    words = [(w, k) for w in floats(scope, least=2) for k in range(1, scope.tensors[w].rank)]
    words = [(w, k) for w, k in words if scope.tensors[w].dims[k].divides_by(2)]
    if not words:
        return False
    word, axis = d.among(words)
    given = scope.tensors[word]
    part = given.with_dim(axis, given.dims[axis] // 2, given.element)
    cutting = n.call("chunk", 2, dim=axis)
    if given.dims[axis].known is not None and d.chance(0.4):
        half = (given.dims[axis] // 2).known
        cutting = n.call("split", half if d.chance(0.5) else [half, half], dim=axis)
    cut = n.pipe(n.name(word), n.stage(cutting))
    if d.chance(0.5):
        one, other = d.fresh("left", "a"), d.fresh("right", "b")
        body.append(n.assign((one, other), cut))
        scope.tensors[one] = scope.tensors[other] = part
        pieces: tree.Expr = n.group(n.name(other), n.name(one))
    else:
        whole = d.fresh("parts", "pieces")
        body.append(n.assign(whole, cut))
        scope.parts[whole] = (part, part)
        pieces = n.name(whole)
    bound = d.fresh("joined")
    if d.chance(0.5):
        body.append(n.assign(bound, n.pipe(pieces, n.stage(n.call("concat", dim=axis)))))
        scope.tensors[bound] = given
    else:
        body.append(n.assign(bound, n.pipe(pieces, n.stage(n.call("stack", dim=1)))))
        dims = (part.dims[0], sizes.of(2), *part.dims[1:])
        scope.tensors[bound] = part.with_dims(dims)
    return True


@rule(2)
def listed(d: Draw, scope: Scope, body: Body) -> bool:
    """A list of tensors, a longer one, an item of it."""
    if scope.parts and d.chance(0.6):
        word = d.among(list(scope.parts))
        items = scope.parts[word]
        if d.chance(0.5):
            position = d.number(-len(items), len(items) - 1)
            bound = d.fresh("item")
            body.append(n.assign(bound, n.index(n.name(word), position)))
            scope.tensors[bound] = items[position]
            return True
        value, made = chain(d, scope, n.index(n.name(word), -1), items[-1], 1)
        bound = d.fresh("longer")
        body.append(n.assign(bound, n.binary("+", n.name(word), n.expr([value]))))
        scope.parts[bound] = (*items, made)
        return True
    words = floats(scope)
    if not words:
        return False
    some = [d.among(words) for _ in range(d.number(1, 3))]
    bound = d.fresh("tensors")
    body.append(n.assign(bound, n.expr([n.name(word) for word in some])))
    scope.parts[bound] = tuple(scope.tensors[word] for word in some)
    return True


@rule(2)
def record(d: Draw, scope: Scope, body: Body) -> bool:
    words = [w for w in floats(scope, least=3) if scope.tensors[w].rank == 3]
    if not words or scope.loops > 1:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    bound = d.fresh("r", "memory")
    if d.chance(0.5):
        size, value = d.size(scope)
        kind = d.among(("lstm", "gru"))
        layers = d.number(1, 2)
        keywords = {"num_layers": 2} if layers == 2 else {}
        applied = n.call(kind, value, **keywords)
        fields = {
            "output": given.with_dim(2, size),
            "hidden": given.with_dims((sizes.of(layers), given.dims[0], size), "float"),
        }
    else:
        applied = n.call("max", dim=d.among((1, 2)))
        axis = 1 if applied.arguments[0].value.value == 1 else 2  # type: ignore[union-attr]
        dims = [dim for k, dim in enumerate(given.dims) if k != axis]
        fields = {"values": given.with_dims(dims), "indices": given.with_dims(dims, "int")}
    body.append(n.assign(bound, n.pipe(n.name(word), n.stage(applied, d.label()))))
    for field, type_ in fields.items():
        if d.chance(0.6):
            taken = d.fresh("field", field)
            body.append(n.assign(taken, n.attribute(n.name(bound), field)))
            scope.tensors[taken] = type_
    return True


# --- plain values ------------------------------------------------------------------------------


@rule(2)
def plain(d: Draw, scope: Scope, body: Body) -> bool:
    """``hidden = 2 * width``; a name of an earlier one may be bound again."""
    own = [w for w in scope.ints if w.startswith("k_") and w not in scope.fixed]
    size, value = d.size(scope)
    word = d.among(own) if own and d.chance(0.4) else d.fresh("k_a", "k_b")
    body.append(n.assign(word, value))
    scope.ints[word] = size if size.writable or size.known is not None else sizes.fresh(size.sure)
    return True


@rule(1)
def alias(d: Draw, scope: Scope, body: Body) -> bool:
    """A recipe under a name."""
    word = d.fresh("act_fn")
    body.append(n.assign(word, n.name(d.among(ACTIVATIONS))))
    scope.layers.append(word)
    return True


@rule(1)
def claimed(d: Draw, scope: Scope, body: Body) -> bool:
    known = [w for w, s in scope.ints.items() if s.sure >= 1]
    if not known:
        return False
    condition = n.binary(">=", n.name(d.among(known)), 1)
    body.append(tree.Assert(n.NOWHERE, condition, n.lit("at least one")))  # type: ignore[arg-type]
    return True


RULES += [(5, apply_model), (2, shared_instance)]
