"""Sets of terminals, by the part they play in a line."""

from __future__ import annotations

# A line break; which of them end a statement `specc.syntax.layout` decides.
NEWLINE = "_NEWLINE"

_WORDS = ["FOR", "IN", "IF", "ELSE", "REPEAT", "SCAN", "AS", "ASSERT", "IMPORT", "USE"]
_LOGIC = ["AND", "OR", "NOT"]
_CONSTANTS = ["TRUE", "FALSE", "NONE"]
_ARITHMETIC = ["PLUS", "MINUS", "STAR", "SLASH", "FLOOR", "PERCENT", "POWER", "AT", "RANGE"]
_COMPARISONS = ["EQ", "NE", "LT", "LE", "GT", "GE"]

RESERVED = frozenset([*_WORDS, *_LOGIC, *_CONSTANTS])
LITERALS = frozenset(["INT", "FLOAT", "STRING", *_CONSTANTS])

# Signs and words that stand before or between values, and make one of them.
OPERATORS = frozenset([*_ARITHMETIC, *_COMPARISONS, *_LOGIC])

# The first and the last token that a value can have.
BEGINS_VALUE = LITERALS | {"NAME", "LPAR", "LSQB", "NOT"}
ENDS_VALUE = LITERALS | {"NAME", "RPAR", "RSQB"}

# These head blocks.
HEADS = frozenset(["FOR", "IF", "ELSE", "REPEAT", "SCAN"])
