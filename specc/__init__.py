"""specc compiles ``.nnspec`` files: what a model is, what it learns from, and where it ships."""

import os

# Both libraries import whatever strangers have registered with them. Only plugins that were named
# may be loaded, so both doors are shut before anything else is imported.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"

__version__ = "0.1.0"

__all__ = ["__version__"]
