"""Source text -> tree with places; the formatter; syntax errors in words people use."""

from specc.syntax.parser import parse, parse_expression
from specc.syntax.source import read_source, read_stream

__all__ = ["parse", "parse_expression", "read_source", "read_stream"]
