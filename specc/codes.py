"""All the codes of specc, gathered from the phases that declare them."""

from __future__ import annotations

import importlib
import pkgutil

import specc
from specc.diagnostics import Code


def all_codes() -> dict[str, Code]:
    """Every `Code` by its id, in the order of the ids.

    A phase declares its codes as constants of modules named ``errors`` or ``errors_*`` in its own
    folder (``specc/<phase>/errors.py``), so that no central list has to grow with them.

    Raises:
        ValueError: if two modules declare one id.
    """
    found: dict[str, tuple[Code, str]] = {}
    for name in _errors_modules():
        for value in vars(importlib.import_module(name)).values():
            if not isinstance(value, Code):
                continue
            known, owner = found.setdefault(value.id, (value, name))
            if known is not value:
                raise ValueError(f"{value.id} is declared by {owner} and by {name}")
    return {id: found[id][0] for id in sorted(found)}


def _errors_modules() -> list[str]:
    names = []
    for phase in pkgutil.iter_modules(specc.__path__, "specc."):
        if phase.ispkg:
            folder = [f"{path}/{phase.name.rpartition('.')[2]}" for path in specc.__path__]
            modules = (module.name for module in pkgutil.iter_modules(folder))
            names += [
                f"{phase.name}.{module}"
                for module in modules
                if module == "errors" or module.startswith("errors_")
            ]
    return names
