"""What each submodule is built from, over the iterations of loops and the variants of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis.iterations import Iterations
from specc.analysis.merge import Unmergeable
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.ir.needs import names_in, substituting
from specc.types.terms import Term, substitute

Built = ir.Construct | ir.ModelConstruct
Path = tuple[int, ...]
Found = list[tuple[Path, Built]]


class Evidence(Struct, frozen=True, eq=False):
    """The submodules of one run of a body: attribute -> what it was built from, by iteration.

    ``loops`` are the loops by the iterations around them and their labels, ``nesting`` the labels
    of the loops around each submodule, from the outside in, ``definitions`` what the plain names
    in a construct stood for where it was built, ``unrolled`` the submodules of loops that are
    written out.
    """

    built: Mapping[str, Found]
    loops: Mapping[tuple[Path, str], Iterations]
    nesting: Mapping[str, tuple[str, ...]]
    definitions: Mapping[tuple[str, Path], Mapping[str, Term]]
    unrolled: frozenset[str]

    def constructs(self, attribute: str) -> tuple[Built | ir.ListConstruct | None, ...]:
        """One construct where it serves all iterations, else one for each, written out."""
        found = self.built[attribute]
        first = found[0][1]
        irregular: set[str] = set()
        for path, _ in found:
            for depth, label in enumerate(self.nesting.get(attribute, ())):
                irregular |= self.loops[path[:depth], label].irregular
        same = all(built == first for _, built in found)
        if same and attribute not in self.unrolled and not names_in(first) & irregular:
            return (first,)
        if not found[0][0]:
            raise Unmergeable(f"`{attribute}` is built in different ways")
        listed = self._listed(attribute, (), dict(found))
        return listed.items

    def written_out(self) -> list[tuple[Term, Term]]:
        """What the loops around submodules that are built one by one run over, and its value."""
        return [
            (self._outside(run.iterable, path[:depth], attribute), run.expected)
            for attribute, found in self.built.items()
            if self._is_listed(attribute)
            for path, _ in found
            for depth, label in enumerate(self.nesting.get(attribute, ()))
            if (run := self.loops[path[:depth], label]).iterable is not None
            and run.expected is not None
        ]

    def _outside(self, term: Term, path: Path, attribute: str) -> Term:
        """What an inner loop runs over, written without the names of the loops around it."""
        for depth in reversed(range(len(path))):
            outer = self.loops[path[:depth], self.nesting[attribute][depth]]
            term = substitute(term, outer.values(path[depth]))
        return term

    def _is_listed(self, attribute: str) -> bool:
        first = self.built[attribute][0][1]
        return self.constructs(attribute) != (first,)

    def _listed(
        self, attribute: str, prefix: Path, found: Mapping[Path, Built]
    ) -> ir.ListConstruct:
        """The iterations of one loop; those that were not run again are built as the last one."""
        run = self.loops[prefix, self.nesting[attribute][len(prefix)]]
        items: list[Built | ir.ListConstruct | None] = []
        for number in range(run.count):
            path = (*prefix, min(number, len(run.seen) - 1))
            inside = {at: built for at, built in found.items() if at[: len(path)] == path}
            item: Built | ir.ListConstruct | None
            if not inside:
                item = None
            elif path in inside:
                defined = self.definitions.get((attribute, path), {})
                item = ir.map_terms(inside[path], substituting(defined))
            else:
                item = self._listed(attribute, path, inside)
            items.append(ir.map_terms(item, substituting(run.values(number))))
        return ir.ListConstruct(tuple(items))


def merge_evidence(
    runs: Sequence[Evidence],
) -> dict[str, tuple[Built | ir.ListConstruct | None, ...]]:
    """What each submodule is built from in all runs; raises `Unmergeable` where they disagree."""
    merged: dict[str, tuple[Built | ir.ListConstruct | None, ...]] = {}
    for run in runs:
        for attribute in run.built:
            own = run.constructs(attribute)
            known = merged.setdefault(attribute, own)
            if known != own:
                raise Unmergeable(f"`{attribute}` is built in different ways")
    return merged


def place_sites(
    body: tuple[steps.Step, ...],
    sites: dict[str, tuple[Built | ir.ListConstruct | None, ...]],
    unrolled: frozenset[str],
) -> tuple[steps.Step, ...]:
    """The body with each submodule created at the step that first uses it."""
    return _Placing(sites, unrolled).all(body)


class _Placing:
    def __init__(
        self,
        sites: dict[str, tuple[Built | ir.ListConstruct | None, ...]],
        unrolled: frozenset[str],
    ) -> None:
        self.left = dict(sites)
        self.unrolled = unrolled

    def all(self, body: tuple[steps.Step, ...]) -> tuple[steps.Step, ...]:
        return tuple(self.step(step) for step in body)

    def step(self, step: steps.Step) -> steps.Step:
        match step:
            case steps.Let():
                paths = [n.path for n in ir.walk(step.value) if isinstance(n, ir.Submodule)]
                found = [
                    self.take(path)
                    for path in dict.fromkeys(paths)
                    if path.split(".")[0] in self.left
                ]
                # Calls are walked from the outside in, and evaluated from the inside out.
                return replace(step, sites=tuple(reversed(found)))
            case steps.Declare():
                name = step.site.attribute
                return replace(step, site=self.take(name)) if name in self.left else step
            case steps.Decide():
                return replace(
                    step,
                    then=None if step.then is None else self.all(step.then),
                    otherwise=None if step.otherwise is None else self.all(step.otherwise),
                )
            case steps.Loop() | steps.Scan():
                return replace(step, body=self.all(step.body))
            case _:
                return step

    def take(self, path: str) -> steps.Site:
        name = path.partition(".")[0]
        return steps.Site(name, self.left.pop(name), name in self.unrolled)
