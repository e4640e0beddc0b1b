"""A parse table as it lies in ``<grammar>.json``."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct


class Token(NamedTuple):
    """A word of the text: its terminal, what was written, and where (``end`` is exclusive)."""

    kind: str
    text: str
    start: int
    end: int


class Rule(NamedTuple):
    """What happens when a rule is reduced; see `specc.grammars.generate._rule` for the fields."""

    origin: str
    size: int
    action: str | None
    collapses: bool
    children: list[int | None]


class Table(Struct, frozen=True):
    """The table of one grammar.

    ``states[s]`` maps a terminal or rule name to the state to go to, or to ``~r`` for the rule
    ``r`` to reduce. ``starts`` gives the first and the last state for each entry rule.
    """

    scanner: re.Pattern[str]
    ignored: frozenset[str]
    keywords: dict[str, dict[str, str]]
    terminals: frozenset[str]
    rules: list[Rule]
    states: list[dict[str, int]]
    starts: dict[str, tuple[int, int]]


@cache
def load_table(name: str) -> Table:
    """The shipped table of the grammar ``name``.

    Raises `FileNotFoundError` if there is no such grammar.
    """
    data = json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))
    symbols = data["symbols"]
    keywords = data["keywords"]
    tried = data["terminals"]
    words = [word for cover in keywords.values() for word in cover.values()]
    return Table(
        scanner=re.compile("|".join(f"(?P<{terminal}>{pattern})" for terminal, pattern in tried)),
        ignored=frozenset(data["ignored"]),
        keywords=keywords,
        terminals=frozenset([terminal for terminal, _ in tried] + words + ["$END"]),
        rules=[Rule(*rule) for rule in data["rules"]],
        states=[
            dict(zip([symbols[number] for number in numbers], actions, strict=True))
            for numbers, actions in data["states"]
        ],
        starts={entry: (first, last) for entry, (first, last) in data["starts"].items()},
    )
