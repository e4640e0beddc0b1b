"""Grammars and tables as data files; imported as ``specc.grammars``."""
