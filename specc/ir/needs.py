"""What a constructor has to know to create the submodules of a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import Term, names, substitute


def needed_by_constructor(body: tuple[steps.Step, ...]) -> frozenset[str]:
    """Every name that the constructor has to know to create the submodules of a body."""
    needed: set[str] = set()
    definitions: dict[str, set[str]] = {}
    _gather(body, needed, definitions)
    pending = list(needed)
    while pending:
        for name in definitions.get(pending.pop(), ()):
            if name not in needed:
                needed.add(name)
                pending.append(name)
    return frozenset(needed)


def _gather(
    body: tuple[steps.Step, ...], needed: set[str], definitions: dict[str, set[str]]
) -> bool:
    """Collect names; true if a submodule is created in the body."""
    creates = False
    for step in body:
        match step:
            case steps.Let():
                for site in step.sites:
                    creates = True
                    needed |= names_in(site)
            case steps.Declare():
                creates = True
                needed |= names_in(step.site)
            case steps.Bind():
                definitions.setdefault(step.name, set()).update(names(step.term))
            case steps.NameDims():
                for name, _, term in step.axes:
                    definitions.setdefault(name, set()).update(names(term))
            case steps.Decide():
                inside = [
                    _gather(side or (), needed, definitions) for side in (step.then, step.otherwise)
                ]
                one_sided = None in (step.then, step.otherwise)  # which the constructor checks
                if any(inside) or one_sided:
                    needed |= names(step.condition)
                    creates = True
            case steps.Scan():
                creates = _gather(step.body, needed, definitions) or creates
            case steps.Loop():
                for carried in step.carried:
                    both = names(carried.initial) | names(carried.following)
                    definitions.setdefault(carried.name, set()).update(both)
                if _gather(step.body, needed, definitions):
                    creates = True
                    needed |= names(step.iterable)
    return creates


def names_in(node: Any) -> frozenset[str]:
    """Every name in the terms of an IR node."""
    found: set[str] = set()
    for part in ir.walk(node):
        if type(part).__module__ == "specc.types.terms":
            found |= names(part)
    return frozenset(found)


def substituting(mapping: Mapping[str, Term]) -> Callable[[Term], Term]:
    """A change of terms, for `specc.ir.expr.map_terms`: names replaced by what they stand for."""
    keys = mapping.keys()

    def change(term: Term) -> Term:
        return substitute(term, mapping) if names(term) & keys else term

    return change
