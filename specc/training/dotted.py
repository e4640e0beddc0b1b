"""Classes by their dotted paths, which components name as data."""

from __future__ import annotations

import importlib
from functools import reduce
from typing import Any


def locate(target: str) -> Any:
    """The object at a dotted path: ``torch.optim.lr_scheduler.StepLR``."""
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        first, *rest = target.split(".")
        return reduce(getattr, rest, importlib.import_module(first))
