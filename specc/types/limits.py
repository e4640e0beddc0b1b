"""How large symbolic values may grow, so that a hostile spec ends in a diagnostic."""

from __future__ import annotations

MAX_TERM_SIZE = 5_000
MAX_TERM_DEPTH = 60
"""Each level is two in JSON, whose readers stop at some 200; the IR around a term nests as well."""
MAX_MONOMIALS = 100
MAX_WEIGHT = 300
"""Atoms in one polynomial, those inside its floors included."""
MAX_PRODUCT = 2_500
"""Pairs of monomials that one multiplication may visit."""
MAX_EXPONENT = 128
MAX_FLOOR_DEPTH = 24
MAX_MAGNITUDE = 2**128
"""Of a coefficient. Sizes end at 2**63; the room above is for steps between two sizes."""


class TooComplex(Exception):
    """A symbolic value passed one of the limits; the message says which, in words for the user."""
