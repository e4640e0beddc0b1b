"""What the emitted module calls its classes, and the arguments of their constructors."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Mapping
from dataclasses import dataclass

from specc.codegen.names import GLOBALS, nearest, safe
from specc.codegen.targets import module_names
from specc.ir import program as steps


@dataclass(frozen=True, slots=True)
class Written:
    """One model as the emitted module has it.

    ``record`` is the named tuple of its outputs, ``parameters`` the constructor's words for the
    parameters of the spec. Names are those of the spec wherever Python and the module leave them
    free.
    """

    name: str
    record: str | None
    parameters: Mapping[str, str]
    reserved: frozenset[str]
    """Every name of the module that code inside the class may mean."""


def written(program: steps.Program) -> dict[str, Written]:
    """The classes of a program by the keys of their models."""
    imported = module_names(program)
    taken = {*GLOBALS, *dir(builtins), *keyword.kwlist, *imported}
    names = {model.key: _free(model.name, taken) for model in program.models}
    records = {
        model.key: _free(f"{model.name}Output", taken)
        for model in program.models
        if len(model.outputs) > 1
    }
    reserved = frozenset({*names.values(), *records.values(), *imported})
    return {
        model.key: Written(
            names[model.key], records.get(model.key), _parameters(model, reserved), reserved
        )
        for model in program.models
    }


def _parameters(model: steps.Model, reserved: frozenset[str]) -> dict[str, str]:
    taken = set(reserved)
    return {p.name: _free(safe(p.name), taken) for p in model.parameters}


def _free(wanted: str, taken: set[str]) -> str:
    """The name, or the next one of it that is free; it is taken from then on."""
    found = nearest(wanted, taken)
    taken.add(found)
    return found
