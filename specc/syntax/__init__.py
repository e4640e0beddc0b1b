"""Source text -> tree with places; the formatter; syntax errors in words people use."""

from specc.syntax.compare import same_tree
from specc.syntax.format import format_source
from specc.syntax.parser import parse, parse_expression
from specc.syntax.source import read_source, read_stream

__all__ = [
    "format_source",
    "parse",
    "parse_expression",
    "read_source",
    "read_stream",
    "same_tree",
]
