"""Texts that are nearly programs: tokens and lines swapped, lost, repeated, spliced, replaced."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from tests.generated.programs import draw

ROOT = Path(__file__).parents[2]

_TOKEN = re.compile(
    r"\"[^\"\n]*\"|[A-Za-z_]\w*|\d+\.\d+|\d+|\|>|\.\.\.|\.\.|==|!=|<=|>=|//|\*\*|\s+|."
)

_VALUES = ["0", "1", "-1", "2", "3.5", "1e999", "true", "none", '"same"', "[]", "[1, 2]", "(x, x)"]
_VALUES += ["999999999999999999", "4611686018427387904", "B", "x", "relu", "linear", "range(9)"]
_NOISE = [*'(){}[]=:,.|><+-*/%@"#\n \t', "|>", "..", "\u202e", "\u00e9", "\x00", "\r", "//"]
_LINES = [
    "  x = x |> linear(4)",
    "  repeat 1000000000 { y = x }",
    "  for i in range(3) {",
    "  }",
    "} else {",
    "  input more: float[B, ...]",
    "  output again: probs[B, D] = x |> softmax(dim=1)",
    "  shared one = lstm(4)",
    '  assert B > 2, "no"',
    "train {",
    'import "a.nnspec" as a',
    "use nothing",
]


def texts() -> list[str]:
    """The specs of the project, its faulty programs, and drawn ones."""
    paths = [*sorted(ROOT.glob("specs/*.nnspec")), *sorted(ROOT.glob("tests/bad/*.nnspec"))]
    found = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    found = [text for text in found if len(text) < 4000]
    return found + [draw(seed).text for seed in range(100, 100 + len(found))]


def mutated(rng: random.Random, bases: list[str]) -> str:
    """One of the texts with one to four changes."""
    text = rng.choice(bases)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        text = rng.choice(_WAYS)(rng, text, bases)
    return text


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _solid(tokens: list[str]) -> list[int]:
    return [k for k, token in enumerate(tokens) if not token.isspace()] or [0]


def _swap(rng: random.Random, text: str, bases: list[str]) -> str:
    tokens = _tokens(text) or [""]
    one, other = rng.choice(_solid(tokens)), rng.choice(_solid(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def _lose(rng: random.Random, text: str, bases: list[str]) -> str:
    tokens = _tokens(text) or [""]
    start = rng.choice(_solid(tokens))
    del tokens[start : start + rng.choice((1, 1, 1, 2, 5))]
    return "".join(tokens)


def _double(rng: random.Random, text: str, bases: list[str]) -> str:
    tokens = _tokens(text) or [""]
    start = rng.choice(_solid(tokens))
    part = tokens[start : start + rng.choice((1, 1, 3, 8))]
    return "".join(tokens[:start] + part + [" "] + tokens[start:])


def _replace(kind: str) -> Callable[[random.Random, str, list[str]], str]:
    """A name by another name of the text, or a number by a value of any kind."""

    def change(rng: random.Random, text: str, bases: list[str]) -> str:
        tokens = _tokens(text)
        places = [k for k, token in enumerate(tokens) if re.fullmatch(kind, token)]
        if not places:
            return text
        others = [tokens[k] for k in places] if kind.startswith("[A-Z") else []
        tokens[rng.choice(places)] = rng.choice([*others, rng.choice(_VALUES)])
        return "".join(tokens)

    return change


def _noise(rng: random.Random, text: str, bases: list[str]) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(_NOISE) + text[place + rng.choice((0, 0, 1)) :]


def _splice(rng: random.Random, text: str, bases: list[str]) -> str:
    """Some lines of another text among the lines of this one."""
    lines, others = text.split("\n"), rng.choice(bases).split("\n")
    start, place = rng.randrange(len(others)), rng.randrange(len(lines) + 1)
    part = others[start : start + rng.choice((1, 1, 2, 6))]
    if rng.random() < 0.3:
        part = [rng.choice(_LINES)]
    return "\n".join(lines[:place] + part + lines[place + rng.choice((0, 0, 1)) :])


def _shuffle(rng: random.Random, text: str, bases: list[str]) -> str:
    lines = text.split("\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


_WAYS: list[Callable[[random.Random, str, list[str]], str]] = [
    _swap,
    _lose,
    _double,
    _replace(r"[A-Za-z_]\w*"),
    _replace(r"[A-Za-z_]\w*"),
    _replace(r"\d+(\.\d+)?|true|false|\"[^\"]*\""),
    _replace(r"\d+(\.\d+)?|true|false|\"[^\"]*\""),
    _noise,
    _splice,
    _shuffle,
]
