"""Which names a forward reads, and where."""

from __future__ import annotations

from collections import Counter

from specc.codegen.names import all_sites
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import names


def read_outside(model: steps.Model, scan: steps.Scan) -> set[str]:
    """The tensors that are read anywhere but inside this scan, outputs included."""

    def reads(node: object) -> Counter[str]:
        return Counter(part.name for part in ir.walk(node) if isinstance(part, ir.Local))

    rest = reads(model.body) - reads(scan.body)
    return {*rest, *model.outputs}


def used_names(model: steps.Model) -> set[str]:
    """The plain names that `forward` may read."""
    found: set[str] = set()

    def terms(node: object) -> None:
        for part in ir.walk(node):
            if isinstance(part, ir.Plain):
                found.update(names(part.term))
            elif isinstance(part, ir.SliceItem):
                for term in (part.start, part.stop, part.step):
                    found.update(names(term) if term is not None else ())
            elif isinstance(part, ir.Choose):
                found.update(names(part.condition))

    def visit(body: tuple[steps.Step, ...]) -> None:
        for step in body:
            if isinstance(step, steps.Let):
                terms(step.value)
            elif isinstance(step, steps.Decide):
                if not all_sites(step.then or ()) and not all_sites(step.otherwise or ()):
                    found.update(names(step.condition))
                visit(step.then or ())
                visit(step.otherwise or ())
            elif isinstance(step, steps.Scan):
                visit(step.body)
            elif isinstance(step, steps.Loop):
                visit(step.body)
                inner = {n for s in step.body for n in _read_in(s)}
                if not all_sites(step.body) or inner & set(step.targets):
                    found.update(names(step.iterable))

    visit(model.body)
    changed = True
    while changed:  # a plain name is computed where those it is made of are
        before = len(found)
        for step in _binds(model.body):
            if step.name in found:
                found |= names(step.term)
        changed = len(found) > before
    return found


def _read_in(step: steps.Step) -> set[str]:
    from specc.codegen.names import all_steps

    found: set[str] = set()
    for inner in all_steps((step,)):
        if isinstance(inner, steps.Let):
            for part in ir.walk(inner.value):
                if isinstance(part, ir.Plain):
                    found |= names(part.term)
        elif isinstance(inner, steps.Decide):
            found |= names(inner.condition)
    return found


def _binds(body: tuple[steps.Step, ...]) -> list[steps.Bind]:
    from specc.codegen.names import all_steps

    return [step for step in all_steps(body) if isinstance(step, steps.Bind)]
