"""Emitted source as a module of its own."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType

PACKAGE = "specc.generated"


def load_source(source: str) -> ModuleType:
    """The module that ``source`` is, executed once.

    It is registered under a name made of its digest, and its lines in `linecache`, before it runs:
    tracebacks, profilers, TorchScript and torch.compile then find its source. Only what `emit`
    made is loaded; no text of a user comes here.
    """
    name = f"{PACKAGE}.m_{hashlib.sha256(source.encode()).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    filename = f"<{name}>"
    module = ModuleType(name)
    module.__file__ = filename
    # An entry without a time is never thrown away as stale.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    sys.modules[name] = module
    try:
        exec(compile(source, filename, "exec"), module.__dict__)  # noqa: S102 (what `emit` made)
    except BaseException:
        del sys.modules[name]
        raise
    return module
