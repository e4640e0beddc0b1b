"""Python names for the names of a spec."""

from __future__ import annotations

import keyword
from collections.abc import Container, Mapping

from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import Ref

GLOBALS = frozenset(
    {"torch", "nn", "F", "Tensor", "math", "self", "super", "NamedTuple", "ValueError"}
)
_FUNCTIONS = frozenset({"len", "min", "max", "sum", "abs", "round", "range", "zip", "reversed"})


def safe(name: str) -> str:
    """A spec's name where Python has no other use for it."""
    if keyword.iskeyword(name) or name in GLOBALS or name in _FUNCTIONS or name == "enumerate":
        return name + "_"
    return name


def nearest(wanted: str, taken: Container[str]) -> str:
    """``name``, ``name_2``, ``name_3``: the first that is free."""
    free, number = wanted, 1
    while free in taken:
        number += 1
        free = f"{wanted}_{number}"
    return free


class Names:
    """Gives each name of a model a Python name of its own.

    ``parameters`` are those that are chosen already, ``reserved`` the names that code inside the
    class needs for something else: a function of the module, say.
    """

    def __init__(
        self, model: steps.Model, parameters: Mapping[str, str], reserved: frozenset[str]
    ) -> None:
        self.python: dict[str, str] = dict(parameters)
        self.taken: set[str] = {"self", *reserved, *parameters.values()}
        for each in model.inputs:
            self.add(each.name, each.name.replace(".", "_"))
        for step in all_steps(model.body):
            if isinstance(step, steps.Let):
                for target in step.targets:
                    self.add(target, target)
            elif isinstance(step, steps.Bind):
                self.add(step.name, step.name)
            elif isinstance(step, steps.Loop):
                for target in (*step.targets, *((step.index,) if step.index else ())):
                    self.add(target, target)
            elif isinstance(step, steps.Scan):
                for target in step.targets:
                    self.add(target, target)

    def add(self, name: str, wanted: str) -> str:
        """The Python name of ``name``; a new one is ``wanted`` or as near to it as is free."""
        if name in self.python:
            return self.python[name]
        free = nearest(safe(wanted), self.taken)
        self.taken.add(free)
        self.python[name] = free
        return free

    def fresh(self, wanted: str) -> str:
        """A name for something that the spec has no name for."""
        return self.add(f"%{wanted}{len(self.taken)}", wanted)


def all_steps(body: tuple[steps.Step, ...]) -> list[steps.Step]:
    """Every step of a body, those inside loops and branches too."""
    found: list[steps.Step] = []
    for step in body:
        found.append(step)
        if isinstance(step, steps.Decide):
            found += all_steps(step.then or ()) + all_steps(step.otherwise or ())
        elif isinstance(step, (steps.Loop, steps.Scan)):
            found += all_steps(step.body)
    return found


def all_sites(body: tuple[steps.Step, ...]) -> list[steps.Site]:
    """Every submodule that a body creates, in order."""
    found: list[steps.Site] = []
    for step in all_steps(body):
        if isinstance(step, steps.Let):
            found += step.sites
        elif isinstance(step, steps.Declare):
            found.append(step.site)
    return found


def word_for(dim: str, model: steps.Model, words: dict[str, dict[str, str]]) -> str:
    """The constructor's word for a dim.

    A name of several letters stands for itself; a single letter takes torch's word for its first
    use (``in_channels``). ``words`` are those that the models used inside have for their dims.
    """
    if len(dim) > 1 and "." not in dim and "@" not in dim:
        return dim.lower()
    for site in all_sites(model.body):
        for construct in site.constructs:
            word = _first_use(dim, construct, words)
            if word is not None:
                return word
    return dim.split("@", maxsplit=1)[0].replace(".", "_").lower()


def _first_use(
    dim: str,
    construct: steps.Built | None,
    words: dict[str, dict[str, str]],
) -> str | None:
    if construct is None:
        return None
    if isinstance(construct, ir.ListConstruct):
        found = (_first_use(dim, each, words) for each in construct.items)
        return next((word for word in found if word is not None), None)
    for given in construct.arguments:
        if given.value == Ref(dim):
            return given.name
        if isinstance(given.value, ir.Construct):
            inner = _first_use(dim, given.value, words)
            if inner is not None:
                return inner
    if isinstance(construct, ir.ModelConstruct):
        for name, term in construct.dims:
            if term == Ref(dim):
                return words[construct.model].get(name)
    return None
