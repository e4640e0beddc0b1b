"""Loops and conditions."""

from __future__ import annotations

from typing import Any

from specc.syntax import tree
from tests.generated import nodes as n
from tests.generated import sizes
from tests.generated.drawing import ACTIVATIONS, Draw, Scope, Type
from tests.generated.stages import stage
from tests.generated.statements import RULES, Body, chain, floats, merged, statements


def carried(d: Draw, scope: Scope, body: Body, *, least: int = 2) -> str | None:
    """A tensor that may be bound again: one of the model, or a new name for an input."""
    words = floats(scope, least=least)
    if not words:
        return None
    word = d.among(words)
    if word not in scope.fixed and d.chance(0.8):
        return word
    bound = d.fresh("h", "x", "flow")
    body.append(n.assign(bound, n.name(word)))
    scope.tensors[bound] = scope.tensors[word]
    return bound


def inside(scope: Scope, word: str, entering: Type) -> Scope:
    """The scope of a block that binds ``word`` again and nothing else that is outside."""
    inner = scope.copy()
    inner.fixed |= set(inner.tensors) | set(inner.ints)
    inner.fixed.discard(word)
    inner.tensors[word] = entering
    return inner


def brought_back(d: Draw, scope: Scope, word: str, rank: int, batch: sizes.Size) -> Body | None:
    """Statements after which the tensor has that rank again, if they are found."""
    for _ in range(6):
        now = scope.tensors[word]
        if now.rank == rank and now.floats and now.dims[0] == batch:
            return []
        last = tuple(range(1, now.rank))
        if now.rank > rank and rank >= 2 and now.floats and now.dims[0] == batch:
            axis = d.among(last)
            dims = [dim for k, dim in enumerate(now.dims) if k != axis]
            if len(dims) == rank:
                scope.tensors[word] = now.with_dims(dims, "float")
                value = n.pipe(n.name(word), n.stage(n.call("sum", dim=axis)))
                return [n.assign(word, value)]
        return None
    return None


def loop(d: Draw, scope: Scope, body: Body) -> bool:
    """A loop that carries one tensor, whose sizes may change from one iteration to the next."""
    if scope.loops > 1:
        return False
    word = carried(d, scope, body)
    if word is None:
        return False
    given = scope.tensors[word]
    keep = d.chance(0.35)
    entering = given.with_dims(given.dims, "refined")
    if not keep:
        entering = entering.with_dims([given.dims[0], *(sizes.fresh() for _ in given.dims[1:])])
    inner = inside(scope, word, entering)
    inner.loops += 1
    targets, iterable, count, index = _head(d, scope, inner)
    block: Body = []
    if keep:
        for _ in range(d.number(1, 2)):
            value, made = chain(
                d, inner, n.name(word), inner.tensors[word], d.number(1, 2), keep=True
            )
            if made.dims != entering.dims:
                return False
            value = n.binary("+", n.name(word), value) if d.chance(0.3) else value
            block.append(n.assign(word, value))
            inner.tensors[word] = made.with_dims(made.dims, "refined")
            if d.chance(0.3):
                block += _branch_inside(d, inner, word, index)
    else:
        block += _widened(d, inner, word)
        block += statements(d, inner, d.number(1, 3))
        more = brought_back(d, inner, word, given.rank, given.dims[0])
        if more is None:
            return False
        block += more
    if not block:
        return False
    if targets is None:
        body.append(n.repeat(iterable, block, index))
    else:
        body.append(n.for_(targets, iterable, block, index))
    after = [given.dims[0], *(sizes.fresh() for _ in given.dims[1:])]
    scope.tensors[word] = given.with_dims(given.dims if keep else after, "refined")
    if count and d.chance(0.3):
        born = [w for w, t in inner.tensors.items() if w not in scope.tensors and t.floats]
        certain = {t.id for s in block if isinstance(s, tree.Assign) for t in s.targets}
        for word in [w for w in born if w in certain][:2]:  # a loop opens no scope
            made = inner.tensors[word]
            hidden = [dim if dim == given.dims[0] else sizes.fresh(0) for dim in made.dims]
            scope.tensors[word] = made.with_dims(hidden)
            scope.fixed.add(word)
    if targets is not None and len(targets) == 1 and count and d.chance(0.3):
        last = inner.ints.get(targets[0])
        if last is not None:  # a loop opens no scope: its name holds what it held last
            scope.ints[targets[0]] = sizes.fresh(last.least)
            scope.fixed.add(targets[0])
    return True


def _widened(d: Draw, inner: Scope, word: str) -> Body:
    """The tensor brought to a size of the loop, perhaps with a step that keeps it."""
    given = inner.tensors[word]
    size, value = d.size(inner)
    conv = given.rank in (3, 4) and d.chance(0.6)
    if conv:
        stride: dict[str, Any] = {"stride": 2} if d.chance(0.3) else {}
        target = n.call(f"conv{given.rank - 2}d", value, kernel_size=3, padding=1, **stride)
        rest = [(dim - 1) // 2 + 1 if stride else dim for dim in given.dims[2:]]
        made = given.with_dims((given.dims[0], size, *rest), "float")
    else:
        target, made = n.call("linear", value), given.with_dim(-1, size)
    stages = [n.stage(target, d.label())]
    if d.chance(0.5):
        stages.append(n.stage(d.activation(inner)))
    inner.tensors[word] = made.with_dims(made.dims, "refined")
    return [n.assign(word, n.pipe(n.name(word), *stages))]


def _head(
    d: Draw, scope: Scope, inner: Scope
) -> tuple[tuple[str, ...] | None, Any, int, str | None]:
    """Targets (``None`` for ``repeat``), what is run over, how often, and the index."""
    index = d.fresh("i", "j") if d.chance(0.4) else None
    if index is not None:
        inner.ints[index] = sizes.fresh(0)
        inner.decidable.add(index)
        inner.fixed.add(index)
    if d.chance(0.3):
        decidable = [w for w in scope.decidable if w[0].islower() and w in inner.fixed]
        if decidable and d.chance(0.3):
            return None, n.name(d.among(decidable)), 0, index
        count = d.among((0, 1, 2, 2, 3))
        return None, count, count, index
    count = d.among((1, 2, 2, 3, 3))
    numbers = [d.number(1, 6) for _ in range(count)]
    word = d.fresh("w", "width")
    inner.fixed.add(word)
    inner.decidable.add(word)
    inner.ints[word] = sizes.named(word, 1)
    if scope.lists and d.chance(0.3):
        name = d.among(list(scope.lists))
        iterable: Any = n.call("reversed", n.name(name)) if d.chance(0.3) else n.name(name)
        return (word,), iterable, 1, index
    match d.number(0, 5):
        case 0:
            return (word,), n.call("range", 1, count + 1), count, index
        case 1:
            other = d.fresh("v", "depth")
            inner.fixed.add(other)
            inner.decidable.add(other)
            inner.ints[other] = sizes.named(other, 1)
            others = [d.number(1, 4) for _ in range(count)]
            if d.chance(0.5):
                return (word, other), n.call("zip", numbers, others), count, index
            rows = [list(row) for row in zip(numbers, others, strict=True)]
            return (word, other), n.lit(rows), count, index
        case 2 if not scope.loops:
            del inner.ints[word]
            inner.decidable.discard(word)
            inner.layers.append(word)
            inner.loops = 2  # a loop over components holds no other: it is written out
            layers = [n.name(d.among(ACTIVATIONS)) for _ in range(count)]
            return (word,), n.expr(layers), count, index
        case 3 if scope.ints:
            known = [w for w, s in scope.ints.items() if s.sure >= 1]
            if known:
                items = [n.name(d.among(known)) if d.chance(0.5) else n.lit(v) for v in numbers]
                inner.decidable.discard(word)
                return (word,), n.expr(items), count, index
    return (word,), n.lit(numbers), count, index


def _branch_inside(d: Draw, inner: Scope, word: str, index: str | None) -> Body:
    condition = d.condition(inner)
    if index is not None:
        condition = n.binary(d.among((">", "==", "!=")), n.name(index), d.number(0, 1))
    if condition is None:
        return []
    applied, made = stage(d, inner, inner.tensors[word], keep=True)
    if made.dims != inner.tensors[word].dims:
        return []
    inner.tensors[word] = made.with_dims(made.dims, "refined")
    then: Body = [n.assign(word, n.pipe(n.name(word), n.stage(applied, d.label())))]
    return [n.if_(condition, then)]


def branch(d: Draw, scope: Scope, body: Body) -> bool:
    """``if`` with or without ``else``; sides may leave different sizes behind."""
    condition = d.condition(scope)
    word = carried(d, scope, body)
    if condition is None or word is None:
        return False
    given = scope.tensors[word]
    one = inside(scope, word, given)
    then = _side(d, one, word)
    more = brought_back(d, one, word, given.rank, given.dims[0])
    if more is None or not then:
        return False
    other = inside(scope, word, given)
    otherwise: Body | None = None
    if d.chance(0.5):
        otherwise = _side(d, other, word)
        back = brought_back(d, other, word, given.rank, given.dims[0])
        if back is None:
            return False
        otherwise += back
    made = n.if_(condition, then + more, otherwise)
    second = d.condition(scope)
    if otherwise and second is not None and d.chance(0.3):
        third = inside(scope, word, given)
        value, type_ = chain(d, third, n.name(word), given, 1)
        if type_.rank == given.rank and type_.floats and type_.dims[0] == given.dims[0]:
            block = tree.Branch(n.NOWHERE, second, (n.assign(word, value),))
            made = tree.If(n.NOWHERE, (*made.branches, block), made.otherwise)
            other.tensors[word] = merged(other.tensors[word], type_)
    body.append(made)
    scope.tensors[word] = merged(one.tensors[word], other.tensors[word])
    return True


def _side(d: Draw, inner: Scope, word: str) -> Body:
    """A block that mostly binds ``word`` again."""
    value, made = chain(d, inner, n.name(word), inner.tensors[word], d.number(1, 2))
    inner.tensors[word] = made
    block: Body = [n.assign(word, value)]
    if d.chance(0.4):
        block += statements(d, inner, d.number(1, 2))
    return block


def accumulated(d: Draw, scope: Scope, body: Body) -> bool:
    """``skips = skips + [h]`` in a loop, and what was gathered joined after it."""
    if scope.loops:
        return False
    word = carried(d, scope, body)
    if word is None:
        return False
    given = scope.tensors[word].with_dims(scope.tensors[word].dims, "refined")
    inner = inside(scope, word, given)
    inner.loops += 1
    value, made = chain(d, inner, n.name(word), given, d.number(1, 2), keep=True)
    if made.dims != given.dims:
        return False
    gathered = d.fresh("skips", "states")
    count = d.number(1, 3)
    start = n.expr([n.name(word)]) if d.chance(0.5) else n.lit([])
    total = count + (0 if isinstance(start, tree.ListExpr) and not start.items else 1)
    body.append(n.assign(gathered, start))
    block: Body = [
        n.assign(word, value),
        n.assign(gathered, n.binary("+", n.name(gathered), n.expr([n.name(word)]))),
    ]
    body.append(n.repeat(count, block))
    bound = d.fresh("all_of")
    axis = given.rank - 1
    joined = n.pipe(n.name(gathered), n.stage(n.call("concat", dim=axis)))
    body.append(n.assign(bound, joined))
    scope.tensors[word] = given
    scope.tensors[bound] = given.with_dim(axis, given.dims[axis] * total, "refined")
    return True


def counted(d: Draw, scope: Scope, body: Body) -> bool:
    """A plain value that changes in a loop: ``k = k * 2``."""
    word = carried(d, scope, body)
    if word is None or scope.loops:
        return False
    given = scope.tensors[word]
    number = d.fresh("grow")
    body.append(n.assign(number, n.lit(d.number(1, 2))))
    steps: Body = [
        n.assign(word, n.pipe(n.name(word), n.stage(n.call("linear", n.name(number))))),
        n.assign(number, n.binary(d.among(("*", "+")), n.name(number), 2)),
    ]
    if d.chance(0.5):
        steps.reverse()
    body.append(n.repeat(d.number(1, 3), steps))
    scope.ints[number] = sizes.fresh()
    scope.fixed.add(number)
    scope.tensors[word] = given.with_dim(-1, sizes.fresh())
    return True


RULES += [(6, loop), (5, branch), (1, accumulated), (1, counted)]
