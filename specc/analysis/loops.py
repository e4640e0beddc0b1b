"""Loops: run iteration by iteration over types, kept as one loop in the IR.

Sizes of tensors that enter an iteration get a name of the loop (``x.1@loop1``); what becomes of
these names is for `specc.analysis.iterations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from specc.analysis import errors_values as errors
from specc.analysis import reading
from specc.analysis.frame import LONGEST_LOOP, MOST_SUBMODULES
from specc.analysis.iterations import Iteration, Iterations, emit
from specc.analysis.keys import state_key
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    TensorValue,
    Value,
    describe,
    plain_term,
    tensor_of,
)
from specc.analysis.walks import Growth, Walk, at, position, rows, unused, walk
from specc.diagnostics import Diagnostic, Label, Span, SpecError
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref, Term, substitute

if TYPE_CHECKING:
    from specc.analysis.bindings import Bindings
    from specc.analysis.body import Body


def run(frame: Body, node: tree.For | tree.Repeat) -> None:
    """Run a loop. Bounds are checked before anything is expanded."""
    if isinstance(node, tree.Repeat):
        value = frame.evaluate(node.count)
        count = _count(frame, node, value)
        term = plain_term(value)
        if count is not None and term is not None:
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
    _unroll(frame, node, value, len(value.items), value.count)


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
    value: ListValue | None,
    count: int,
    times: Term,
) -> None:
    """Run the iterations and emit one step for all of them."""
    label = frame.loop_names.get(id(node), "loop")
    about = frame.context.loops.get(id(node))
    if about is None:
        about = frame.context.loops[id(node)] = reading.loop(node.body)
    written, weight = about.written, about.weight
    index = node.index if node.index is not None and node.index.id in about.mentioned else None
    walked = Walk((), (), times, {})
    if isinstance(node, tree.For):
        assert value is not None
        walked = walk(frame, node, value, written)
        if walked.tensors and index is None:
            first = next(iter(walked.tensors))
            index = tree.Name(node.targets[0].span, unused(frame, f"{first}_index"))
    outer_steps, outer_path, outer_copies = frame.steps, frame.path, frame.copies
    outer_loops = frame.loops
    before = {
        name: {axis: dim.term for axis, dim in enumerate(binding.value.type.dims)}
        for name, binding in frame.names.items()
        if name in about.carried and isinstance(binding.value, TensorValue)
    }
    # What the items are written with may be bound again by the body.
    definitions = dict(frame.definitions)
    iterations: list[Iteration] = []
    budget, collector = frame.context.budget, frame.context.collector
    place = node.iterable.span if isinstance(node, tree.For) else node.count.span
    differ = value is not None or index is not None
    outer_repeats, errors_before = budget.repeats, collector.errors
    if differ:
        budget.foresee(count, weight, place)
        budget.repeats *= max(count, 1)
    frame.copies = outer_copies * max(count, 1)
    # Only the first iteration counts its submodules: it stands for all of them.
    counted = frame.submodules
    outer_rows = frame.rows
    growth = Growth(frame, written, about.carried)
    try:
        for number in range(count):
            bound = _bind_targets(frame, node, walked, number, index)
            if bound is None:
                return
            constants = {name: _written(each, definitions) for name, each in bound.items()}
            known = {name: _constant(each) for name, each in bound.items()}
            entering = _enter(frame, before, label)
            snapshot = _snapshot(frame, written)
            frame.steps, frame.path = [], (*outer_path, number)
            frame.loops = (*outer_loops, label)
            frame.rows = outer_rows | rows(frame, walked, index, number)
            _pick_tensors(frame, node, walked, number, index)
            frame.run(node.body)
            growth.note(frame)
            leaving = _leave(frame, before, label)
            defined = {name: frame.definitions[name] for name in written & frame.definitions.keys()}
            iterations.append(
                Iteration(tuple(frame.steps), entering, leaving, constants, known, defined)
            )
            if number == 0:
                counted = frame.submodules
            frame.submodules = counted
            settled = not differ and _snapshot(frame, written) == snapshot
            if settled:
                break
            if collector.errors > errors_before:
                _give_up(frame, written)
                break
            if not differ and number == SETTLING:
                budget.foresee(count, weight, place)
    finally:
        budget.repeats = outer_repeats
        frame.steps, frame.path, frame.copies = outer_steps, outer_path, outer_copies
        frame.loops, frame.rows = outer_loops, outer_rows
    emit(frame, node, Iterations(iterations, before, label, count), walked, index, times)
    if index is not node.index and index is not None:
        frame.names.pop(index.id, None)
    if not growth.settle(frame, substitute(times, frame.definitions)):
        frame.only_for(times, Const(count))


SETTLING = 8
"""Iterations after which a body that still changes is one that goes on changing."""


def _give_up(frame: Body, written: frozenset[str]) -> None:
    """What a loop with a mistake leaves is not known: it was not run to its end."""
    for name in written & frame.names.keys():
        binding = frame.names[name]
        frame.names[name] = replace(binding, value=POISON)


def _bind_targets(
    frame: Body,
    node: tree.For | tree.Repeat,
    walked: Walk,
    number: int,
    index: tree.Name | None,
) -> dict[str, Plain | ListValue] | None:
    """Bind the loop's names for one iteration; gives the plain values among them."""
    bound: dict[str, Plain | ListValue] = {}
    pairs: list[tuple[tree.Name, Value]] = []
    if isinstance(node, tree.For):
        item = walked.rows[number]
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
    for name, given in pairs:
        if name.id in walked.tensors:
            continue
        value = given
        term = Ref(name.id)
        if isinstance(value, Plain):
            bound[name.id] = value
            size = value.value
            value = Plain(Dim(size.poly, term) if isinstance(size, Dim) else size, term)
        elif isinstance(value, ListValue) and value.term is not None:
            bound[name.id] = value
            value = replace(value, term=term)
        frame.forget(name.id)
        frame.names.pop(name.id, None) if _was_ours(frame, name) else None
        frame.bind(name, value)
    return bound


def _pick_tensors(
    frame: Body, node: tree.For | tree.Repeat, walked: Walk, number: int, index: tree.Name | None
) -> None:
    """Take the items of this iteration from the lists of tensors."""
    if not walked.tensors:
        return
    assert isinstance(node, tree.For)
    assert index is not None
    item = walked.rows[number]
    row = item.items if len(node.targets) > 1 and isinstance(item, ListValue) else (item,)
    for name, each in zip(node.targets, row, strict=True):
        if name.id in walked.tensors:
            whole, backwards = walked.tensors[name.id]
            picked = at(whole, position(index.id, backwards))
            frame.bind_value(name, TensorValue(tensor_of(each).type, picked))


def _was_ours(frame: Body, name: tree.Name) -> bool:
    """Whether the name's binding stems from an earlier iteration of this loop."""
    binding = frame.names.get(name.id)
    return binding is not None and binding.span == name.span


def _written(value: Plain | ListValue, definitions: Mapping[str, Term]) -> Term:
    """A plain value as it was written, with names that never change."""
    term = plain_term(value)
    assert term is not None
    try:
        return substitute(term, definitions)
    except TooComplex:
        return _constant(value)


def _constant(value: Plain | ListValue) -> Term:
    """A plain value as a literal, where it is one."""
    term = plain_term(value)
    assert term is not None
    inner = value.value if isinstance(value, Plain) else ...
    if not isinstance(term, Const) and (inner is None or isinstance(inner, int | float | str)):
        return Const(inner)
    return term


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
            frame.entered[key] = dim.term
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


def _snapshot(frame: Body, written: frozenset[str]) -> dict[str, object]:
    return {
        name: state_key(binding.value) for name, binding in frame.names.items() if name in written
    }
