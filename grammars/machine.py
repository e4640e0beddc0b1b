"""The LALR automaton that walks a `Table`, and a parser for short texts built on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from specc.grammars.table import Rule, Table, Token, load_table

# What a reduction makes of the values of a rule's symbols; None where it leaves its one value as it
# is, which most reductions in a grammar with many precedences do.
Reduction = Callable[[list[Any]], Any] | None


class ParseError(Exception):
    """The text does not follow the grammar.

    ``start`` and ``end`` are the place in the text, ``found`` is what stands there (empty at the
    end) and ``expected`` the terminals that could.
    """

    def __init__(self, start: int, end: int, found: str, expected: frozenset[str]) -> None:
        super().__init__(f"unexpected {found!r} at {start}" if found else "unexpected end")
        self.start = start
        self.end = end
        self.found = found
        self.expected = expected


class Machine:
    """One parse: fed with tokens, it calls the actions bottom-up as rules are completed.

    ``reductions`` come from `bind`. The stacks are lists, so depth costs no Python stack.
    """

    def __init__(self, table: Table, reductions: list[Reduction], entry: str) -> None:
        self._table = table
        self._reductions = reductions
        first, self._last = table.starts[entry]
        self._states = [first]
        self._values: list[Any] = []

    @property
    def depth(self) -> int:
        """How many symbols lie on the stack."""
        return len(self._values)

    def feed(self, token: Token) -> bool:
        """Take one token. False if it cannot stand here; rules completed by then stay reduced."""
        states, values = self._states, self._values
        rows, rules, reductions = self._table.states, self._table.rules, self._reductions
        kind = token.kind
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                values.append(token)
                return True
            origin, size, *_ = rules[~action]
            reduction = reductions[~action]
            if reduction is None:
                states[-1] = rows[states[-2]][origin]
            else:
                if size:
                    children = values[-size:]
                    del states[-size:], values[-size:]
                else:
                    children = []
                values.append(reduction(children))
                states.append(rows[states[-1]][origin])
            if kind == "$END" and states[-1] == self._last:
                return True

    def accepts(self, kind: str) -> bool:
        """Whether a token of this kind can stand here."""
        rows, rules = self._table.states, self._table.rules
        # Only the top of the stack is looked at: `kept` of its states, then those in `top`.
        kept, top = len(self._states), list[int]()
        while True:
            action = rows[top[-1] if top else self._states[kept - 1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            rule = rules[~action]
            kept -= max(0, rule.size - len(top))
            del top[max(0, len(top) - rule.size) :]
            top.append(rows[top[-1] if top else self._states[kept - 1]][rule.origin])
            if kind == "$END" and top[-1] == self._last:
                return True

    def expected(self) -> frozenset[str]:
        """The terminals that can stand here."""
        row = self._table.states[self._states[-1]]
        return frozenset(
            name for name in row if name in self._table.terminals and self.accepts(name)
        )

    def truncate(self, depth: int) -> None:
        """Forget all but the lowest ``depth`` symbols."""
        del self._states[depth + 1 :], self._values[depth:]

    @property
    def result(self) -> Any:
        """What the entry rule was turned into, once ``$END`` was taken."""
        return self._values[-1]


def bind(table: Table, actions: object) -> list[Reduction]:
    """For each rule of the table the reduction that calls the method of ``actions`` it names.

    Raises `AttributeError` if a method is missing.
    """
    return [_reduction(rule, actions) for rule in table.rules]


def _reduction(rule: Rule, actions: object) -> Reduction:
    children = rule.children
    if rule.collapses and len(children) == 1 and (only := children[0]) is not None and only >= 0:
        return None if rule.size == 1 else lambda values: values[only]
    if rule.action is None:
        if children and (head := children[0]) is not None and head < 0:
            return lambda values: _extended(values, children)
        return lambda values: _picked(values, children)
    action: Callable[..., Any] = getattr(actions, rule.action)
    if children == list(range(rule.size)):
        return lambda values: action(*values)
    return lambda values: action(*_picked(values, children))


def _picked(values: list[Any], children: list[int | None]) -> list[Any]:
    picked: list[Any] = []
    for child in children:
        if child is None:
            picked.append(None)
        elif child >= 0:
            picked.append(values[child])
        else:
            picked.extend(values[~child])
    return picked


def _extended(values: list[Any], children: list[int | None]) -> list[Any]:
    """A repetition grows the list it began with, so that its cost stays linear."""
    head = children[0]
    assert head is not None
    items: list[Any] = values[~head]
    items.extend(_picked(values, children[1:]))
    return items


class Parser:
    """Parses whole texts by a grammar that has no rules of its own for newlines and recovery."""

    def __init__(self, table: Table, actions: object) -> None:
        self._table = table
        self._reductions = bind(table, actions)

    def parse(self, text: str, entry: str = "start") -> Any:
        """What the actions make of the text; raises `ParseError`."""
        machine = Machine(self._table, self._reductions, entry)
        for token in self._tokens(text):
            if not machine.feed(token):
                raise ParseError(token.start, token.end, token.text, machine.expected())
        return machine.result

    def _tokens(self, text: str) -> Iterator[Token]:
        table = self._table
        at = 0
        while at < len(text):
            match = table.scanner.match(text, at)
            if match is None:
                raise ParseError(at, at + 1, text[at], frozenset())
            kind, at = str(match.lastgroup), match.end()
            if kind not in table.ignored:
                kind = table.keywords.get(kind, {}).get(match[0], kind)
                yield Token(kind, match[0], match.start(), at)
        yield Token("$END", "", len(text), len(text))


def load_parser(name: str, actions: object) -> Parser:
    """A parser for the grammar ``name``.

    ``actions`` has a method for each rule (or ``-> alias``) of the grammar, called bottom-up with
    the rule's children as positional arguments: values of other actions, and a `Token` for each
    named terminal. What is dropped, spliced and collapsed is as in Lark, with ``[item]`` giving
    ``None`` when absent (see `specc.grammars.generate`). The entry rule is ``start``, or those
    named in a comment ``// entry: a b`` of the grammar.

    Raises `FileNotFoundError` for an unknown grammar, `AttributeError` for a missing method.
    """
    return Parser(load_table(name), actions)
