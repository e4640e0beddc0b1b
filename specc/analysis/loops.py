"""Loops: run iteration by iteration over types, kept as one loop in the IR.

Sizes of tensors that enter an iteration get a name of the loop (``x.1@loop1``). After the last
iteration each such name turns out to be invariant (it is what it was before the loop), carried
(every iteration leaves the same expression for the next one: ``in_channels = width``), or neither:
then the loop is unrolled with numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from specc.analysis import errors_values as errors
from specc.analysis.definitions import Binding, nodes
from specc.analysis.frame import LONGEST_LOOP, MOST_SUBMODULES
from specc.analysis.keys import map_value_terms, state_key
from specc.analysis.merge import Unmergeable, merge_steps
from specc.analysis.values import (
    ListValue,
    Plain,
    Poison,
    TensorValue,
    Value,
    describe,
    plain_term,
)
from specc.diagnostics import Diagnostic, Label, Span, SpecError
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref, Term, names, substitute

if TYPE_CHECKING:
    from specc.analysis.bindings import Bindings
    from specc.analysis.body import Body


@dataclass
class Iteration:
    """What one iteration emitted, and what it left of the sizes that it entered with."""

    steps: tuple[steps.Step, ...]
    entering: dict[str, Dim]
    leaving: dict[str, Term]
    constants: dict[str, Term]


def run(frame: Body, node: tree.For | tree.Repeat) -> None:
    """Run a loop. Bounds are checked before anything is expanded."""
    if isinstance(node, tree.Repeat):
        value = frame.evaluate(node.count)
        count = _count(frame, node, value)
        if count is not None:
            term = plain_term(value)
            assert term is not None
            _unroll(frame, node, None, count, term)
        return
    value = frame.evaluate(node.iterable)
    if isinstance(value, Poison):
        return
    if not isinstance(value, ListValue):
        frame.error(
            errors.NOT_ITERABLE,
            f"`for` runs over a list, not {describe(value)}",
            node.iterable.span,
            "not a list",
            help="count with `range(n)`, or use `repeat n { ... }`"
            if isinstance(value, Plain)
            else None,
        )
        return
    _bound(len(value.items), node.iterable.span)
    _unroll(frame, node, value.items, len(value.items), value.term)


def _count(frame: Body, node: tree.Repeat, value: Value) -> int | None:
    known = value.value if isinstance(value, Plain) else None
    if isinstance(known, int) and not isinstance(known, bool) and known >= 0:
        _bound(known, node.count.span)
        return known
    if isinstance(known, Dim) and frame.open:
        return 1  # the count is a free parameter: one iteration stands for all
    if not isinstance(value, Poison):
        frame.error(
            errors.NOT_ITERABLE,
            f"`repeat` takes a known whole number of at least 0, not {describe(value)}",
            node.count.span,
            "not a count",
            help="`//` divides to a whole number"
            if isinstance(known, float)
            else errors.FIX_THE_SIZE
            if isinstance(known, Dim)
            else None,
        )
    return None


def _bound(count: int, span: Span) -> None:
    """Refuse a loop that is too long, before it is expanded."""
    if count > LONGEST_LOOP:
        raise SpecError(
            Diagnostic(
                errors.TOO_LARGE,
                f"the loop runs {count:,} times",
                span,
                f"more than {LONGEST_LOOP:,}",
                help="a network of this many layers cannot be built",
            )
        )


def check_submodules(frame: Bindings, place: Span) -> None:
    """Refuse a model that the loops around this place make too large."""
    if frame.submodules > MOST_SUBMODULES:
        raise SpecError(
            Diagnostic(
                errors.TOO_LARGE,
                f"the model would have more than {MOST_SUBMODULES:,} submodules",
                place,
                "the limit is passed here",
                help="lower the counts of the loops around this line",
            )
        )


# --- running -----------------------------------------------------------------------------------


def _unroll(
    frame: Body,
    node: tree.For | tree.Repeat,
    items: tuple[Value, ...] | None,
    count: int,
    iterable: Term | None,
) -> None:
    """Run the iterations and emit one step for all of them."""
    label = frame.loop_names.get(id(node), "loop")
    written = {n.id for s in nodes(node.body) if isinstance(s, tree.Assign) for n in s.targets}
    used = {n.id for n in nodes(node.body) if isinstance(n, tree.Name)}
    index = node.index if node.index is not None and node.index.id in used else None
    targets = node.targets if isinstance(node, tree.For) else ()
    outer_steps, outer_path, outer_copies = frame.steps, frame.path, frame.copies
    before = {
        name: {axis: dim.term for axis, dim in enumerate(binding.value.type.dims)}
        for name, binding in frame.names.items()
        if name in written and isinstance(binding.value, TensorValue)
    }
    iterations: list[Iteration] = []
    frame.copies = outer_copies * max(count, 1)
    # Only the first iteration counts its submodules: it stands for all of them.
    counted = frame.submodules
    try:
        for number in range(count):
            constants = _bind_targets(frame, node, items, number, index)
            if constants is None:
                return
            entering = _enter(frame, before, label)
            snapshot = _snapshot(frame, written)
            frame.steps, frame.path = [], (*outer_path, number)
            frame.run(node.body)
            leaving = _leave(frame, before, label)
            iterations.append(Iteration(tuple(frame.steps), entering, leaving, constants))
            if number == 0:
                counted = frame.submodules
            frame.submodules = counted
            settled = items is None and index is None and _snapshot(frame, written) == snapshot
            if settled or frame.context.collector.failed:
                break
    finally:
        frame.steps, frame.path, frame.copies = outer_steps, outer_path, outer_copies
    _emit(frame, node, iterations, before, label, targets, index, iterable, count)


def _bind_targets(
    frame: Body,
    node: tree.For | tree.Repeat,
    items: tuple[Value, ...] | None,
    number: int,
    index: tree.Name | None,
) -> dict[str, Term] | None:
    """Bind the loop's names for one iteration; gives their values as terms."""
    constants: dict[str, Term] = {}
    pairs: list[tuple[tree.Name, Value]] = []
    if isinstance(node, tree.For):
        assert items is not None
        item = items[number]
        if len(node.targets) == 1:
            pairs.append((node.targets[0], item))
        else:
            row = item.items if isinstance(item, ListValue) else ()
            if len(row) != len(node.targets):
                got = f"{len(row)} values" if isinstance(item, ListValue) else describe(item)
                rows = node.iterable.items if isinstance(node.iterable, tree.ListExpr) else ()
                place = rows[number].span if number < len(rows) else node.iterable.span
                frame.error(
                    errors.BAD_UNPACK,
                    f"{len(node.targets)} names for {got}, in item {number} of the list",
                    place,
                    got,
                    labels=(
                        Label(
                            node.targets[0].span.to(node.targets[-1].span),
                            f"{len(node.targets)} names",
                        ),
                    ),
                    help="every item needs as many values as there are names",
                )
                return None
            pairs += zip(node.targets, row, strict=True)
    if index is not None:
        pairs.append((index, Plain.of(number)))
    for name, value in pairs:
        known = plain_term(value)
        if known is not None:
            constants[name.id] = _constant(value) or known
            if isinstance(value, Plain):
                value = Plain(value.value, Ref(name.id))
            elif isinstance(value, ListValue):
                value = replace(value, term=Ref(name.id))
        frame.forget(name.id)
        frame.names.pop(name.id, None) if _was_ours(frame, name) else None
        frame.bind(name, value)
    return constants


def _was_ours(frame: Body, name: tree.Name) -> bool:
    """Whether the name's binding stems from an earlier iteration of this loop."""
    binding = frame.names.get(name.id)
    return binding is not None and binding.span == name.span


def _constant(value: Value) -> Term | None:
    """A plain value as a literal."""
    if isinstance(value, Plain) and not isinstance(value.value, Dim):
        inner = value.value
        if inner is None or isinstance(inner, (bool, int, float, str)):
            return value.term if isinstance(value.term, Const) else Const(inner)
    return None


def _enter(frame: Body, before: Mapping[str, object], label: str) -> dict[str, Dim]:
    """Give the sizes of the tensors that enter an iteration names of the loop."""
    entering: dict[str, Dim] = {}
    for name in before:
        value = frame.names[name].value
        if not isinstance(value, TensorValue):
            continue
        dims = []
        for axis, dim in enumerate(value.type.dims):
            key = f"{name}.{axis}@{label}"
            entering[key] = dim
            dims.append(Dim(dim.poly, Ref(key)))
        renamed = replace(value, type=TensorType(value.type.element, tuple(dims)))
        frame.names[name] = replace(frame.names[name], value=renamed)
    return entering


def _leave(frame: Body, before: Mapping[str, object], label: str) -> dict[str, Term]:
    """What an iteration leaves of these sizes for the next."""
    leaving: dict[str, Term] = {}
    for name in before:
        value = frame.names[name].value
        if isinstance(value, TensorValue):
            for axis, dim in enumerate(value.type.dims):
                leaving[f"{name}.{axis}@{label}"] = dim.term
    return leaving


def _snapshot(frame: Body, written: set[str]) -> dict[str, object]:
    return {
        name: state_key(binding.value) for name, binding in frame.names.items() if name in written
    }


# --- what the sizes do -------------------------------------------------------------------------


def _solve(
    iterations: list[Iteration], before: Mapping[str, Mapping[int, Term]], label: str
) -> tuple[dict[str, Term], list[steps.Carried], set[str]]:
    """Invariant names with what they stand for, carried ones, and irregular ones."""
    initial = {
        f"{name}.{axis}@{label}": term
        for name, axes in before.items()
        for axis, term in axes.items()
    }
    invariant: dict[str, Term] = {}
    following: dict[str, set[Term]] = {}
    for key in initial:
        following[key] = {each.leaving.get(key, Const(None)) for each in iterations}
    settled = False
    while not settled:
        settled = True
        for key, left in following.items():
            if key in invariant:
                continue
            resolved = {substitute(term, invariant) for term in left}
            following[key] = resolved
            if resolved <= {Ref(key), initial[key]}:
                invariant[key] = initial[key]
                settled = False
    carried: list[steps.Carried] = []
    irregular: set[str] = set()
    for key, left in following.items():
        if key in invariant:
            continue
        resolved = {substitute(term, invariant) for term in left}
        if len(resolved) == 1 and Const(None) not in resolved:
            carried.append(steps.Carried(key, initial[key], next(iter(resolved))))
        else:
            irregular.add(key)
    return invariant, carried, irregular


def _emit(
    frame: Body,
    node: tree.For | tree.Repeat,
    iterations: list[Iteration],
    before: Mapping[str, Mapping[int, Term]],
    label: str,
    targets: tuple[tree.Name, ...],
    index: tree.Name | None,
    iterable: Term | None,
    count: int,
) -> None:
    if not iterations:
        if iterable is not None:
            frame.steps.append(
                steps.Loop(
                    tuple(t.id for t in targets),
                    iterable,
                    isinstance(node, tree.Repeat),
                    index.id if index else None,
                    0,
                    (),
                    (),
                )
            )
        return
    invariant, carried, irregular = _solve(iterations, before, label)
    depth = len(frame.path)
    bodies = []
    for number, each in enumerate(iterations):
        mapping = dict(invariant)
        for key in irregular:
            size = each.entering.get(key)
            if size is not None and size.known is not None:
                mapping[key] = Const(size.known)
        bodies.append(ir.map_terms(each.steps, _substituting(mapping)))
        _substitute_evidence(frame, frame.path, number, depth, mapping)
    _settle_names(frame, invariant, irregular, iterations[-1])
    values = _values(iterations, bodies, before, label, invariant, count)
    try:
        if iterable is None:
            raise Unmergeable("the list holds components")
        body = bodies[0]
        for other in bodies[1:]:
            body = merge_steps(body, other)
    except Unmergeable:
        _emit_unrolled(frame, bodies, values, depth)
        return
    frame.steps.append(
        steps.Loop(
            tuple(t.id for t in targets),
            iterable,
            isinstance(node, tree.Repeat),
            index.id if index else None,
            count,
            tuple(carried),
            body,
        )
    )
    _list_evidence(frame, depth, len(iterations), values)


def _substituting(mapping: Mapping[str, Term]):  # type: ignore[no-untyped-def]
    keys = mapping.keys()

    def change(term: Term) -> Term:
        return substitute(term, mapping) if names(term) & keys else term

    return change


def _substitute_evidence(
    frame: Body, path: tuple[int, ...], number: int, depth: int, mapping: Mapping[str, Term]
) -> None:
    change = _substituting(mapping)
    here = (*path, number)
    for attribute, found in frame.evidence.items():
        if found and found[-1][0][: depth + 1][:depth] == path:
            frame.evidence[attribute] = [
                (at, ir.map_terms(construct, change) if at[: depth + 1] == here else construct)
                for at, construct in found
            ]


def _settle_names(
    frame: Body, invariant: Mapping[str, Term], irregular: set[str], last: Iteration
) -> None:
    """After the loop, sizes are written with what is visible there."""
    mapping = dict(invariant)
    for key in irregular:
        size = last.entering.get(key)
        if size is not None and size.known is not None:
            mapping[key] = Const(size.known)
    change = _substituting(mapping)
    for name, binding in list(frame.names.items()):
        value = map_value_terms(binding.value, change)
        if value is not binding.value:
            frame.names[name] = Binding(value, binding.span, binding.fixed)
    # A carried size keeps its name: after the loop it holds what the last iteration left.
    for key, term in last.leaving.items():
        if key in invariant or key in irregular:
            continue
        name, axis = key.split("@")[0].rsplit(".", 1)
        value = frame.names[name].value
        if isinstance(value, TensorValue) and value.type.rank > int(axis):
            dims = list(value.type.dims)
            dims[int(axis)] = Dim(dims[int(axis)].poly, Ref(key))
            renamed = replace(value, type=TensorType(value.type.element, tuple(dims)))
            frame.names[name] = replace(frame.names[name], value=renamed)


def _values(
    iterations: list[Iteration],
    bodies: list[tuple[steps.Step, ...]],
    before: Mapping[str, Mapping[int, Term]],
    label: str,
    invariant: Mapping[str, Term],
    count: int,
) -> list[dict[str, Term]]:
    """What each name of the loop stands for in each iteration, written with outer names alone."""
    entering = {
        f"{name}.{axis}@{label}": term
        for name, axes in before.items()
        for axis, term in axes.items()
    }
    found: list[dict[str, Term]] = []
    for number in range(count):
        source = min(number, len(iterations) - 1)
        each = iterations[source]
        values = {key: term for key, term in entering.items() if key not in invariant}
        for key, size in each.entering.items():
            if size.known is not None:
                values[key] = Const(size.known)
        values |= each.constants
        for step in bodies[source]:
            if isinstance(step, steps.Bind):
                values[step.name] = substitute(step.term, values)
        found.append(values)
        for key, term in each.leaving.items():
            entering[key] = substitute(substitute(term, invariant), values)
    return found


def _list_evidence(frame: Body, depth: int, seen: int, values: list[dict[str, Term]]) -> None:
    """Where iterations build a submodule in different ways, each is written out on its own.

    Iterations that were not run again are built as the last one that was.
    """
    for attribute, found in frame.evidence.items():
        inside = [(at, c) for at, c in found if len(at) > depth and at[:depth] == frame.path]
        if len({construct for _, construct in inside}) < 2:
            continue
        outside = [pair for pair in found if pair not in inside]
        last = [(at, c) for at, c in inside if at[depth] == seen - 1]
        inside += [
            ((*at[:depth], number, *at[depth + 1 :]), construct)
            for number in range(seen, len(values))
            for at, construct in last
        ]
        frame.evidence[attribute] = outside + [
            (at, ir.map_terms(construct, _substituting(values[at[depth]])))
            for at, construct in inside
        ]


def _emit_unrolled(
    frame: Body,
    bodies: list[tuple[steps.Step, ...]],
    values: list[dict[str, Term]],
    depth: int,
) -> None:
    """Straight-line steps with numbers in place of the loop's names; one module list a site."""
    inside = [
        name
        for name, found in frame.evidence.items()
        if any(len(at) > depth and at[:depth] == frame.path for at, _ in found)
    ]
    for number, known in enumerate(values):
        body = ir.map_terms(bodies[min(number, len(bodies) - 1)], _substituting(known))
        for name in inside:
            body = ir.replaced(body, ir.Submodule(name), ir.Submodule(f"{name}.{number}"))
        frame.steps += body
    _list_evidence(frame, depth, len(bodies), values)
    for name in inside:
        change = _substituting(values[-1])
        frame.evidence[name] = [
            (at, ir.map_terms(construct, change)) for at, construct in frame.evidence[name]
        ]
    frame.unrolled |= set(inside)
    change = _substituting(values[-1])
    for name, binding in list(frame.names.items()):
        value = map_value_terms(binding.value, change)
        if value is not binding.value:
            frame.names[name] = Binding(value, binding.span, binding.fixed)
