"""Writes random programs that follow the grammar, laid out as loosely as it allows.

`programs` is the Hypothesis strategy; `Writer` takes any `random.Random`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from hypothesis import strategies as st
from specc.grammars import load_table

# The programs by which the language was designed.
SAMPLES = [path.read_text("utf-8") for path in Path(__file__).parent.glob("samples/*.nnspec")]

RESERVED = sorted(load_table("nnspec").keywords["NAME"])
NAMES = ["x", "y", "h", "conv", "B", "scores", "a1", "_t", "in_", "Model"]
LITERALS = ["0", "7", "123456", "0.5", "5e-4", "1.25e+3", "true", "false", "none"]
STRINGS = ['"a"', '""', '"data/x.csv"', r'"\n\t\"\\ \u00e9"', '"é # |> {"']
ARITHMETIC = ["+", "-", "*", "/", "//", "%", "**", "@", ".."]
OPERATORS = [*ARITHMETIC, "==", "!=", "<", "<=", ">", ">=", "and", "or"]
BETWEEN = ["\n", "\n\n", "  # tail\n", "\n# own\n", "\n## doc\n", "\n\n\n#x\n\n", "\r\n"]
STAGE_BREAKS = [" ", " ", "\n", "\n    ", "  # why\n  ", "\n # alone\n\n"]
# Inside brackets a line may break, and a comment may stand, anywhere.
GAPS = ["", "", "", " ", "\n", " \n  ", "  # note\n", "\n\n\n", "\r\n"]


class Writer:
    """Writes programs by the choices of ``random``."""

    def __init__(self, random: Random) -> None:
        self.pick: Callable[[list[str]], str] = random.choice
        self.count = random.randint

    def program(self) -> str:
        """A whole file without syntax errors."""
        text = self.pick(["", "nnspec 1\n", "# first\nnnspec 1  # one\n\n"])
        for _ in range(self.count(0, 4)):
            text += self.statement(2) + self.pick(BETWEEN)
        return text

    def statement(self, depth: int) -> str:
        """A statement with blocks up to ``depth`` deep."""
        kind = self.count(0, 11 if depth else 5)
        value = self.value(2)
        if kind == 0:
            return f"input {self.targets()}: {self.type()}"
        if kind == 1:
            return f"{self.name()}:{self.type()}= {value}"
        if kind == 2:
            return f"assert {value}, {self.pick(STRINGS)}"
        if kind == 3:
            return f"import {self.pick(STRINGS)} as {self.name()}"
        if kind == 4:
            return f"use {self.name()}" + self.pick(["", " >= 1.2.3", "==2"])
        if kind <= 7:
            return f"{self.pick(['', 'output '])}{self.targets()} = {value}"
        if kind == 8:
            text = f"if {value} {self.block(depth)}"
            for _ in range(self.count(0, 1)):
                text += f" else if {self.value(1)} {self.block(depth)}"
            return text + (f" else {self.block(depth)}" if self.count(0, 1) else "")
        return f"{self.head(value)} {self.block(depth)}"

    def head(self, value: str) -> str:
        """What stands before a block."""
        index = self.pick(["", " as i"])
        return self.pick(
            [
                f"for {self.name()} in {value}{index}",
                f"repeat {value}{index}",
                f"scan a, b in {value}",
                f"model M({self.several(self.parameter, 0)})",
                "train",
                "step judge",
            ]
        )

    def block(self, depth: int) -> str:
        """Statements in braces."""
        text = "{" + self.pick([*BETWEEN, " "])
        for _ in range(self.count(0, 2)):
            text += self.statement(depth - 1) + self.pick(BETWEEN)
        return text + "}"

    def name(self) -> str:
        """An identifier."""
        return self.pick(NAMES)

    def any_name(self) -> str:
        """An identifier or a reserved word, as after a dot."""
        return self.pick(NAMES + RESERVED)

    def targets(self) -> str:
        """What stands before ``=``."""
        return self.pick(["x", "x, y", "a.b.for", "x ,y,z", self.name()])

    def several(self, item: Callable[[], str], least: int) -> str:
        """Items with commas between them and perhaps one behind them."""
        items = [item() for _ in range(self.count(least, 3))]
        if not items:
            return self.pick(GAPS)
        joined = f"{self.pick(GAPS)},{self.pick(GAPS)}".join(items)
        return self.pick(GAPS) + joined + self.pick(["", ",", " ,"]) + self.pick(GAPS)

    def arguments(self, depth: int, least: int) -> str:
        """Arguments by position, then by name."""
        items = [self.value(depth) for _ in range(self.count(least, 2))]
        for name in dict.fromkeys(self.any_name() for _ in range(self.count(0, 2))):
            items.append(f"{name}{self.pick(['', ' '])}={self.pick(GAPS)}{self.value(depth)}")
        return self.pick(GAPS) + f",{self.pick(GAPS)}".join(items) + self.pick(GAPS)

    def parameter(self) -> str:
        """A parameter of a section."""
        type_ = self.pick(["", f": {self.type()}"])
        return self.name() + type_ + self.pick(["", f" = {self.value(1)}"])

    def type(self) -> str:
        """A type."""
        dims = self.several(lambda: self.pick(["B", "3", "...", "(C // 2)"]), 0)
        return self.pick(["int", "list[int]", f"float[{dims}]", f"ids(10)[{dims}]"])

    def value(self, depth: int) -> str:
        """An expression; what an operator joins is in parentheses."""
        if depth == 0 or self.count(0, 3) == 0:
            return self.pick([*NAMES, *LITERALS, *STRINGS])
        below = depth - 1
        kind = self.count(0, 10)
        if kind == 0:
            return f"[{self.several(lambda: self.value(below), 0)}]"
        if kind == 1:
            return f"({self.arguments(below, 2)})"
        if kind == 2:
            return f"({self.value(below)},)"
        if kind == 3:
            return f"{self.name()}({self.arguments(below, 0)})"
        if kind == 4:
            return f"{self.name()}[{self.several(lambda: self.subscript(below), 1)}]"
        if kind <= 6:
            stages = [self.stage(below) for _ in range(self.count(1, 3))]
            return self.pick([self.name(), self.tight(below)]) + "".join(stages)
        if kind == 7:
            return f"{self.tight(below)} {self.pick(OPERATORS)} {self.tight(below)}"
        if kind == 8:
            return f"{self.tight(below)} if {self.tight(below)} else {self.tight(below)}"
        if kind == 9:
            return self.pick(["-", "+", "not ", "- -"]) + self.tight(below)
        return f"{self.tight(below)}.{self.any_name()}"

    def tight(self, depth: int) -> str:
        """A value in parentheses."""
        return f"({self.pick(GAPS)}{self.value(depth)}{self.pick(GAPS)})"

    def stage(self, depth: int) -> str:
        """A pipe and what it applies."""
        target = self.pick([self.name(), f"{self.name()}({self.arguments(depth, 0)})"])
        return f"{self.pick(STAGE_BREAKS)}|> {self.pick(['', 'label: '])}{target}"

    def subscript(self, depth: int) -> str:
        """An item of an index."""
        return self.pick([self.tight(depth), "...", ":", "1:", "::2", "a:-1:b"])


programs = st.randoms(use_true_random=False).map(lambda random: Writer(random).program())
