"""Finds what can be used in a spec: hooks, plugins, and the registry of components."""
