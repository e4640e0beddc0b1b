"""Grammar -> parse table as plain data, by Lark's own analysis.

The table is what `specc.grammars.table` reads. Lark's rules for what reaches an action hold: tokens
written as strings are dropped (unless the rule starts with ``!``), terminals named in capitals are
kept, ``_rule`` is spliced into its parent, ``?rule`` with a single child is that child, an absent
``[item]`` is ``None``.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, Shift

# A grammar names its entry rules in a line of this form; without one the entry is `start`.
_ENTRIES = re.compile(r"^// entry: (.+)$", re.MULTILINE)


def generate(grammar: str) -> dict[str, Any]:
    """The table of a Lark grammar, the same for equal grammars.

    Raises `lark.exceptions.GrammarError` if the grammar is not LALR(1) or two terminals collide.
    """
    stated = _ENTRIES.search(grammar)
    entries = stated[1].split() if stated else ["start"]
    lark = Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        strict=True,
        start=entries,
        maybe_placeholders=True,
    )
    parse_table = lark.parser.parser._parse_table
    terminals, keywords = _terminals(lark.terminals)
    symbols, rules, states, starts = _numbered(parse_table, lark.rules)
    return {
        "terminals": terminals,
        "ignored": sorted(lark.ignore_tokens),
        "keywords": keywords,
        "symbols": symbols,
        "rules": rules,
        "states": states,
        "starts": starts,
    }


def to_json(table: dict[str, Any]) -> str:
    """One line for each entry of the long lists: a change of the grammar shows in a diff."""
    parts = []
    for key, value in table.items():
        if isinstance(value, list) and value and isinstance(value[0], list):
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
            parts.append(f'"{key}": [\n{rows}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _terminals(
    definitions: Collection[TerminalDef],
) -> tuple[list[list[str]], dict[str, dict[str, str]]]:
    """The terminals in the order in which they are tried, and the words that a pattern covers."""

    def order(terminal: TerminalDef) -> tuple[int, int, int, str]:
        pattern = terminal.pattern
        return (-terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name)

    keywords: dict[str, dict[str, str]] = {}
    tried = []
    for terminal in sorted(definitions, key=order):
        cover = _cover(terminal, definitions)
        if cover is None:
            tried.append([str(terminal.name), terminal.pattern.to_regexp()])
        else:
            words = keywords.setdefault(cover, {})
            words[str(terminal.pattern.value)] = str(terminal.name)
    return tried, keywords


def _cover(word: TerminalDef, definitions: Collection[TerminalDef]) -> str | None:
    """The terminal whose pattern matches the whole of a word (NAME covers ``for``)."""
    if not isinstance(word.pattern, PatternStr):
        return None
    for other in definitions:
        is_pattern = not isinstance(other.pattern, PatternStr)
        if is_pattern and re.fullmatch(other.pattern.to_regexp(), word.pattern.value):
            return str(other.name)
    return None


def _numbered(
    table: IntParseTable, rules: list[Rule]
) -> tuple[list[str], list[list[Any]], list[list[list[int]]], dict[str, list[int]]]:
    """Symbols, rules and states numbered by a walk whose order is the grammar's alone.

    A state is two parallel lists, symbols and actions: a state to go to, or ``~rule`` to reduce.
    """
    ordered = sorted(rules, key=lambda rule: (str(rule.origin.name), rule.order, str(rule)))
    rule_number = {rule: number for number, rule in enumerate(ordered)}
    symbols = sorted({str(name) for row in table.states.values() for name in row})
    symbol_number = {name: number for number, name in enumerate(symbols)}

    found: dict[int, int] = {}
    waiting = deque(table.start_states[entry] for entry in sorted(table.start_states))
    while waiting:
        state = waiting.popleft()
        if state in found:
            continue
        found[state] = len(found)
        row = table.states[state]
        waiting.extend(row[name][1] for name in sorted(row) if row[name][0] is Shift)

    states = []
    for state in found:
        names = sorted(table.states[state])
        actions = []
        for name in names:
            action, target = table.states[state][name]
            actions.append(found[target] if action is Shift else ~rule_number[target])
        states.append([[symbol_number[name] for name in names], actions])
    starts = {
        str(entry): [found[table.start_states[entry]], found[table.end_states[entry]]]
        for entry in sorted(table.start_states)
    }
    return symbols, [_rule(rule) for rule in ordered], states, starts


def _rule(rule: Rule) -> list[Any]:
    """``[origin, size, action, collapses, children]``.

    ``action`` is ``None`` for a rule that is spliced into its parent. ``children`` says what the
    action gets: ``i`` for the i-th symbol, ``~i`` for the items of the i-th, ``None`` for an absent
    optional item.
    """
    options = rule.options
    children: list[int | None] = []
    absent = list(options.empty_indices) if options.empty_indices else [False] * len(rule.expansion)
    position = 0
    for is_absent in absent:
        if is_absent:
            children.append(None)
            continue
        symbol = rule.expansion[position]
        if not symbol.is_term:
            children.append(~position if str(symbol.name).startswith("_") else position)
        elif options.keep_all_tokens or not symbol.filter_out:  # type: ignore[attr-defined]
            children.append(position)
        position += 1
    origin = str(rule.origin.name)
    spliced = origin.startswith("_")
    action = None if spliced else str(rule.alias or options.template_source or origin)
    collapses = bool(options.expand1 and not rule.alias)
    return [origin, len(rule.expansion), action, collapses, children]
