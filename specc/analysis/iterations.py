"""What the iterations of a loop have in common, and how the loop is kept in the IR.

A size that enters an iteration has a name of the loop. It turns out to be invariant (it is what it
was before the loop), carried (every iteration leaves the same expression for the next one, as in
``in_channels = width``), or irregular. A submodule whose construction mentions an irregular size,
or differs between iterations, is written out once for each iteration.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis import errors_values as errors
from specc.analysis.definitions import Binding
from specc.analysis.keys import map_value_terms
from specc.analysis.merge import Unmergeable, merge_steps
from specc.analysis.values import Plain, TensorValue
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.ir.needs import names_in, substituting
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.tensor import TensorType
from specc.types.terms import Const, FunctionCall, Item, ListTerm, Ref, Term, names, substitute

if TYPE_CHECKING:
    from specc.analysis.body import Body
    from specc.analysis.walks import Walk


class Iteration(Struct):
    """What one iteration emitted, and what it left of the sizes that it entered with.

    ``constants`` are the loop's own names as the list writes them, ``known`` the same as literals,
    ``definitions`` what the plain names that it binds stand for at its end.
    """

    steps: tuple[steps.Step, ...]
    entering: dict[str, Dim]
    leaving: dict[str, Term]
    constants: dict[str, Term]
    known: dict[str, Term]
    definitions: dict[str, Term]


@dataclass(eq=False)
class Iterations:
    """The iterations that were run, of ``count`` in all: those left out are as the last one.

    ``before`` is how the sizes of each tensor that enters were written before the loop.
    ``iterable`` is what is looped over, with names that never change, and ``expected`` its value:
    what is written out for each iteration serves that value alone.
    """

    seen: list[Iteration]
    before: Mapping[str, Mapping[int, Term]]
    label: str
    count: int
    iterable: Term | None = None
    expected: Term | None = None
    invariant: dict[str, Term] = field(default_factory=dict)
    carried: list[steps.Carried] = field(default_factory=list)
    irregular: set[str] = field(default_factory=set)
    _values: list[dict[str, Term]] = field(default_factory=list)
    _entering: dict[str, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.initial = {
            f"{name}.{axis}@{self.label}": term
            for name, axes in self.before.items()
            for axis, term in axes.items()
        }
        self._entering = dict(self.initial)
        self._solve()

    def _solve(self) -> None:
        """Sort the sizes into invariant, carried and irregular ones."""
        left = {
            key: {each.leaving.get(key, Const(None)) for each in self.seen} for key in self.initial
        }
        settled = False
        while not settled:
            settled = True
            for key in [key for key in left if key not in self.invariant]:
                left[key] = {substitute(term, self.invariant) for term in left[key]}
                if left[key] <= {Ref(key), self.initial[key]}:
                    self.invariant[key] = self.initial[key]
                    settled = False
        for key, terms in left.items():
            if key in self.invariant:
                continue
            if len(terms) == 1 and Const(None) not in terms:
                self.carried.append(steps.Carried(key, self.initial[key], next(iter(terms))))
            else:
                self.irregular.add(key)
        pending = True
        while pending:  # what follows from an irregular size is one
            lost = [c for c in self.carried if names(c.following) & self.irregular]
            self.carried = [c for c in self.carried if c not in lost]
            self.irregular |= {c.name for c in lost}
            pending = bool(lost)

    def values(self, number: int) -> dict[str, Term]:
        """What each name of the loop stands for in an iteration, written with outer names alone."""
        while len(self._values) <= number:
            each = self.seen[min(len(self._values), len(self.seen) - 1)]
            values = {k: t for k, t in self._entering.items() if k not in self.invariant}
            values |= each.constants
            self._values.append(values)
            for key, term in each.leaving.items():
                self._entering[key] = self._left(each, key, term, values, len(self._values))
        return self._values[number]

    def ends_closed(self, key: str) -> bool:
        """Whether what the last iteration leaves of a size depends on no name."""
        self.values(self.count - 1)
        return not names(self._entering[key])

    def _left(
        self, each: Iteration, key: str, term: Term, values: Mapping[str, Term], following: int
    ) -> Term:
        """A size that an iteration leaves for the ``following`` one, written with outer names."""
        found: Term | None = None
        with contextlib.suppress(TooComplex):  # it may grow with every iteration
            outer = substitute(substitute(term, each.definitions), self.invariant)
            found = substitute(outer, values)
        if found is not None and not any("@" in name for name in names(found)):
            return found
        # A loop inside left it, or it is too long to be written: the number is all there is to say.
        entered = self.seen[min(following, len(self.seen) - 1)].entering.get(key)
        if entered is not None and entered.known is not None:
            return Const(entered.known)
        return term if found is None else found


def emit(
    frame: Body,
    node: tree.For | tree.Repeat,
    iterations: Iterations,
    walked: Walk,
    index: tree.Name | None,
    times: Term,
) -> None:
    """Emit one step for all iterations, or their steps one by one where one cannot serve all.

    ``times`` is how many there are, as it follows from parameters.
    """
    iterable = walked.iterable
    loop = steps.Loop(
        walked.targets,
        iterable if iterable is not None else Const(None),
        isinstance(node, tree.Repeat) or (iterable is not None and not walked.targets),
        index.id if index else None,
        iterations.count,
        tuple(iterations.carried),
        (),
    )
    if not iterations.seen:
        if iterable is not None:
            frame.steps.append(replace(loop, iterations=0))
        return
    frame.loop_runs[frame.path, iterations.label] = iterations
    change = substituting(iterations.invariant)
    bodies = [ir.map_terms(each.steps, change) for each in iterations.seen]
    iterations.iterable, iterations.expected = _looped_over(frame, node, iterations, walked, times)
    depth = len(frame.path)
    for attribute, found in frame.evidence.items():
        if any(at[:depth] == frame.path and len(at) > depth for at, _ in found):
            frame.evidence[attribute] = [
                (at, ir.map_terms(built, change) if at[:depth] == frame.path else built)
                for at, built in found
            ]
    try:
        if iterable is None:
            raise Unmergeable("the list holds components")
        if _reaches_inner_loop(frame, iterations, bodies):
            raise Unmergeable("an inner loop starts from a size that differs between iterations")
        body = bodies[0]
        for other in bodies[1:]:
            body = merge_steps(body, other)
    except Unmergeable:
        _write_out(frame, node, iterations, bodies)
        return
    frame.steps.append(replace(loop, body=body))
    _settle(frame, iterations.invariant)
    last = iterations.seen[-1]
    _settle(frame, {key: _final(iterations, last, key) for key in iterations.irregular})
    _settle_others(frame, iterations)
    _keep_carried(frame, iterations, always=not names(iterable))
    _leave_names(frame, _last_values(iterable, loop.targets, last))


def _reaches_inner_loop(
    frame: Body, iterations: Iterations, bodies: list[tuple[steps.Step, ...]]
) -> bool:
    """Whether a loop inside carries on an irregular size into the construction of a submodule."""
    carried = [
        each
        for body in bodies
        for loop in ir.walk(body)
        if isinstance(loop, steps.Loop)
        for each in loop.carried
        if names(each.initial) & iterations.irregular
    ]
    return any(
        each.name in names_in(built)
        for each in carried
        for found in frame.evidence.values()
        for _, built in found
    )


def _looped_over(
    frame: Body,
    node: tree.For | tree.Repeat,
    iterations: Iterations,
    walked: Walk,
    times: Term,
) -> tuple[Term | None, Term | None]:
    """What a loop runs over, and the value that this has in this analysis."""
    if isinstance(node, tree.Repeat) or walked.iterable is None or not walked.targets:
        return substitute(times, frame.definitions), Const(iterations.count)
    resolved = substitute(walked.iterable, frame.definitions)
    # The side that a condition took in an iteration holds for these values alone.
    decided = any(
        names(step.condition) & each.constants.keys()
        for each in iterations.seen
        for step in ir.walk(each.steps)
        if isinstance(step, steps.Decide)
    )
    given = [each.known if decided else each.constants for each in iterations.seen]
    rows = [[each.get(target) for target in walked.targets] for each in given]
    items = [row[0] if len(row) == 1 else ListTerm(tuple(t for t in row if t)) for row in rows]
    expected = ListTerm(tuple(item for item in items if item is not None))
    return resolved, substitute(expected, frame.definitions)


def _decided(body: tuple[steps.Step, ...]) -> tuple[steps.Step, ...]:
    """Steps with the conditions that hold numbers alone replaced by the side that was taken."""
    found: list[steps.Step] = []
    for step in body:
        if isinstance(step, steps.Decide) and not names(step.condition):
            found += _decided((step.otherwise if step.then is None else step.then) or ())
        else:
            found.append(step)
    return tuple(found)


def _final(iterations: Iterations, last: Iteration, key: str) -> Term:
    return iterations.values(iterations.count - 1).get(key, Ref(key))


def _settle(frame: Body, mapping: Mapping[str, Term]) -> None:
    """After the loop, sizes are written with what is visible there."""
    change = substituting(mapping)
    for name, binding in list(frame.names.items()):
        value = map_value_terms(binding.value, change)
        if value is not binding.value:
            frame.names[name] = Binding(value, binding.span, binding.fixed)


def _settle_others(frame: Body, iterations: Iterations) -> None:
    """What was made of a carried size keeps what the size was in the last iteration."""
    keys = {carried.name for carried in iterations.carried}

    def change(term: Term) -> Term:
        if not names(term) & keys:
            return term
        try:
            return substitute(term, iterations.values(iterations.count - 1))
        except TooComplex:
            return term

    for name, binding in list(frame.names.items()):
        if name not in iterations.before:
            value = map_value_terms(binding.value, change)
            if value is not binding.value:
                frame.names[name] = replace(binding, value=value)


def _last_values(iterable: Term, targets: tuple[str, ...], last: Iteration) -> dict[str, Term]:
    """What the names of a loop hold after it, written without them."""
    if isinstance(iterable, ListTerm):
        row = iterable.items[-1]
        if len(targets) == 1:
            return {**last.constants, targets[0]: row}
        if isinstance(row, ListTerm) and len(row.items) == len(targets):
            return {**last.constants, **dict(zip(targets, row.items, strict=True))}
    if not names(iterable) or not targets:
        return last.constants if not names(iterable) else {}
    given = iterable if isinstance(iterable, Ref) else FunctionCall("list", (iterable,))
    row = Item(given, Const(-1))
    if len(targets) == 1:
        return {targets[0]: row}
    return {target: Item(row, Const(number)) for number, target in enumerate(targets)}


def _leave_names(frame: Body, values: Mapping[str, Term]) -> None:
    """The constructor may not loop over these names: what follows is written without them."""
    _settle(frame, values)
    for name, term in values.items():
        binding = frame.names[name]
        if isinstance(binding.value, Plain):
            frame.names[name] = replace(binding, value=replace(binding.value, term=term))


def _keep_carried(frame: Body, iterations: Iterations, always: bool) -> None:
    """A carried size is written as the last iteration left it, if that speaks of outer names.

    Else it keeps its name, which holds that after the loop. Where the loop runs ``always`` over the
    same values, it is a number if it began as one: 7 rather than 28 halved twice.
    """
    last = iterations.seen[-1]
    own = iterations.initial.keys() | last.constants.keys() | last.definitions.keys()
    for carried in iterations.carried:
        closed = always and iterations.ends_closed(carried.name)
        if not closed and not names(carried.following) & own:
            continue
        name, axis = carried.name.split("@")[0].rsplit(".", 1)
        binding = frame.names[name]
        value = binding.value
        if isinstance(value, TensorValue) and value.type.rank > int(axis):
            dims = list(value.type.dims)
            dim = dims[int(axis)]
            number = dim.known if closed else None
            term = Ref(carried.name) if number is None else Const(number)
            dims[int(axis)] = Dim(dim.poly, term)
            renamed = replace(value, type=TensorType(value.type.element, tuple(dims)))
            frame.names[name] = replace(binding, value=renamed)


def _write_out(
    frame: Body,
    node: tree.For | tree.Repeat,
    iterations: Iterations,
    bodies: list[tuple[steps.Step, ...]],
) -> None:
    """Straight-line steps with numbers in place of the loop's names; one module list a site."""
    depth = len(frame.path)
    inside = [
        name
        for name, found in frame.evidence.items()
        if frame.nesting.get(name, ())[depth : depth + 1] == (iterations.label,)
        and any(at[:depth] == frame.path for at, _ in found)
    ]
    nested = any(len(at) > depth + 1 for name in inside for at, _ in frame.evidence[name])
    if inside and (nested or depth):
        frame.error(
            errors.LOOP_TOO_IRREGULAR,
            "the iterations of these loops differ too much to be one loop",
            node.span,
            "loops inside each other that cannot be kept as loops",
            help="make the body a model of its own, and apply that in the loop",
        )
        return
    for number in range(iterations.count):
        body = _decided(
            ir.map_terms(
                bodies[min(number, len(bodies) - 1)], substituting(iterations.values(number))
            )
        )
        for name in inside:
            body = ir.replaced(body, ir.Submodule(name), ir.Submodule(f"{name}.{number}"))
        frame.steps += body
    frame.unrolled |= set(inside)
    last = iterations.seen[-1]
    final = {**iterations.values(iterations.count - 1), **last.definitions}
    _settle(frame, iterations.invariant)
    _settle(frame, final)
