"""specc compiles ``.nnspec`` files: what a model is, what it learns from, and where it ships."""

import importlib
import os
from typing import TYPE_CHECKING, Any

# Both libraries import whatever strangers have registered with them. Only plugins that were named
# may be loaded, so both doors are shut before anything else is imported.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"

__version__ = "0.1.0"

if TYPE_CHECKING:
    from specc.api import evaluate, export, load, load_artefact, predict, train

__all__ = ["__version__", "evaluate", "export", "load", "load_artefact", "predict", "train"]


def __getattr__(name: str) -> Any:
    """The functions of `specc.api`, imported when they are used: `specc check` needs none."""
    if name in __all__:
        return getattr(importlib.import_module("specc.api"), name)
    raise AttributeError(f"module 'specc' has no attribute {name!r}")
