"""What torch alone supplies, registered through the same hooks as a stranger's plugin.

Each component has a file of its own, named as the component, in the folder of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from specc.registry import SPECC_API, Lazy, hookimpl
from specc.stdlib.known_as import KNOWN_AS

specc_api = SPECC_API

FOLDERS = {
    "augmentations": "augmentation",
    "backends": "backend",
    "keeps": "keep",
    "layers": "layer",
    "loggers": "logger",
    "losses": "loss",
    "metrics": "metric",
    "optimizers": "optimizer",
    "schedules": "schedule",
    "sources": "source",
    "splits": "split",
    "stops": "stop",
    "strategies": "strategy",
    "transforms": "transform",
}


def class_name(name: str) -> str:
    """The class of a component by its name: ``conv2d`` -> ``Conv2d``."""
    return re.sub(r"(?:^|_)([a-z])", lambda match: match[1].upper(), name).replace("_", "")


@hookimpl
def specc_components() -> Iterable[Lazy]:
    """Every component of these folders, by name alone: nothing is imported."""
    here = Path(__file__).parent
    for folder, kind in FOLDERS.items():
        others: dict[str, tuple[str, ...]] = {}
        for word, name in KNOWN_AS.get(kind, {}).items():
            others[name] = (*others.get(name, ()), word)
        for path in sorted((here / folder).glob("[a-z]*.py")):
            target = f"specc.stdlib.{folder}.{path.stem}:{class_name(path.stem)}"
            yield Lazy(path.stem, kind, target, others.get(path.stem, ()))
