"""What a spec can name, and how it comes to be there: hooks, plugins, and the registry."""

from specc.registry.discovery import suppliers
from specc.registry.hookspecs import SPECC_API, hookimpl
from specc.registry.loading import Need, PluginOptions, build_registry, load_plugins
from specc.registry.project import Project, find_project
from specc.registry.records import Entry, Lazy, Owner
from specc.registry.registry import Registry

__all__ = [
    "SPECC_API",
    "Entry",
    "Lazy",
    "Need",
    "Owner",
    "PluginOptions",
    "Project",
    "Registry",
    "build_registry",
    "find_project",
    "hookimpl",
    "load_plugins",
    "suppliers",
]
