"""Bounds on what a spec may be as text, each checked before the work that it bounds.

They are far above what people write and far below what hurts: whatever a file holds, it is accepted
or refused within a second.
"""

# Size of one file.
SOURCE_BYTES = 1024 * 1024

# Words, signs and comments in one file; five thousand lines have about as many.
TOKENS = 50_000

# Brackets and blocks inside one another.
NESTING = 64

# Operators, calls and dots that stand inside one another; the depth of an expression's tree.
OPERATORS = 200

# Digits of a whole number: enough for any count of anything in 64 bits.
DIGITS = 18

# Length of a name.
NAME = 200

# Syntax errors reported from one file.
ERRORS = 500
