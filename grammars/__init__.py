"""The grammars, and parsers read from their tables.

A grammar ``<name>.lark`` is turned into a parse table ``<name>.json`` by ``python -m
specc.grammars``. Lark does that work, when a grammar changes; nothing here imports it afterwards,
because that alone would cost a quarter of the time that ``specc check`` has.

    parser = load_parser("signature", Actions())
    tree = parser.parse("float[B, in] -> float[B, out]")
"""

from specc.grammars.machine import Machine, ParseError, Parser, load_parser
from specc.grammars.table import Table, Token, load_table

__all__ = ["Machine", "ParseError", "Parser", "Table", "Token", "load_parser", "load_table"]
