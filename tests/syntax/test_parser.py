"""What is read becomes the tree that was meant."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings

from specc.diagnostics import Collector, SourceText
from specc.syntax import parse, parse_expression, tree
from tests.syntax.programs import SAMPLES, Writer, programs


def read(text: str) -> tuple[tree.File, list[str]]:
    found = Collector()
    file = parse(SourceText("t", text), found)
    return file, [d.code.id for d in found.diagnostics]


def value(text: str) -> tree.Expr:
    found = Collector()
    expression = parse_expression(SourceText("t", text), found)
    assert found.diagnostics == []
    assert expression is not None
    return expression


def shape(node: tree.Node) -> str:
    """An expression with all its parentheses."""
    match node:
        case tree.Binary():
            return f"({shape(node.left)}{node.op}{shape(node.right)})"
        case tree.Unary():
            return f"({node.op} {shape(node.operand)})"
        case tree.Ternary():
            parts = (node.then, node.condition, node.otherwise)
            return "({} if {} else {})".format(*map(shape, parts))
        case tree.Range():
            return f"({shape(node.low)}..{shape(node.high)})"
        case tree.Attribute():
            return f"{shape(node.value)}.{node.name.id}"
        case _:
            return node.span.text


@pytest.mark.parametrize("text", SAMPLES)
def test_samples(text: str) -> None:
    file, codes = read(text)
    assert codes == []
    assert file.body


@settings(deadline=None)
@given(programs)
def test_any_program(text: str) -> None:
    assert read(text)[1] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a+b*c", "(a+(b*c))"),
        ("a-b-c", "((a-b)-c)"),
        ("-a**b**c", "(- (a**(b**c)))"),
        ("2**-1", "(2**(- 1))"),
        ("not a == b and c", "((not (a==b))andc)"),
        ("a or b and c", "(aor(bandc))"),
        ("a if b else c if d else e", "(a if b else (c if d else e))"),
        ("1..2*n", "(1..(2*n))"),
        ("a.for.in", "a.for.in"),
        ("a@b//c%d", "(((a@b)//c)%d)"),
    ],
)
def test_precedence(text: str, wanted: str) -> None:
    assert shape(value(text)) == wanted


def test_pipes_are_flat_and_keep_labels() -> None:
    pipe = value("x |> stem: conv(3) |> relu")
    assert isinstance(pipe, tree.Pipe)
    assert [stage.label.id if stage.label else None for stage in pipe.stages] == ["stem", None]
    assert [stage.span.text for stage in pipe.stages] == ["|> stem: conv(3)", "|> relu"]


def test_parentheses() -> None:
    assert isinstance(value("(a)"), tree.Paren)
    assert isinstance(value("(a,)"), tree.Group)
    assert isinstance(value("(x=a)"), tree.Group)
    assert isinstance(value("(a, b)"), tree.Group)


def test_slices() -> None:
    index = value("h[1:, ::2, ..., -1, :]")
    assert isinstance(index, tree.Index)
    first, second, *_, last = index.items
    assert isinstance(first, tree.Slice)
    assert (first.start, first.stop, first.step) != (None, None, None)
    assert first.stop is first.step is None
    assert isinstance(second, tree.Slice)
    assert second.start is second.stop is None
    assert second.step is not None
    assert isinstance(last, tree.Slice)
    assert last.start is last.stop is last.step is None


def test_literals() -> None:
    assert getattr(value(r'"a\n\u00e9\"\\"'), "value") == 'a\né"\\'  # noqa: B009
    number = value("5e-4")
    assert isinstance(number, tree.FloatLiteral)
    assert (number.value, number.text) == (5e-4, "5e-4")


def test_statements() -> None:
    file, codes = read(
        "nnspec 1\n## What it does.\n## In two lines.\nmodel M(a: int, act: layer = relu) {\n"
        "  dynamic B = 1..64\n  a, b = (b, a)\n}\nsearch { train.optimizer.lr = log(1e-5, 1e-2) }\n"
        'import "b.nnspec" as b\nuse specc_text >= 1.2.3\nrepeat 3 as i { x = i }\n'
    )
    assert codes == []
    model, search, import_, use, repeat = file.body
    assert isinstance(model, tree.Section)
    assert model.doc == "What it does.\nIn two lines."
    assert model.head.text == "model M(a: int, act: layer = relu)"
    assert isinstance(search, tree.Section)
    assert isinstance(search.body[0], tree.Assign)
    assert search.body[0].targets[0].id == "train.optimizer.lr"
    assert isinstance(import_, tree.Import)
    assert import_.path.value == "b.nnspec"
    assert isinstance(use, tree.Use)
    assert (use.op, use.version) == (">=", "1.2.3")
    assert isinstance(repeat, tree.Repeat)
    assert file.version
    assert file.version.value == 1


def test_documentation_stands_directly_above() -> None:
    file, _ = read("## far\n\nx = 1\n## near\ny = 2\n## a\n# b\nz = 3\n")
    assert [s.doc for s in file.body if isinstance(s, tree.Assign)] == ["", "near", ""]


@pytest.mark.parametrize(
    "text", ["\ufeffx = 1\n", "x = 1\r\ny = 2\r\n", "\tx\t=\t1", "", "\n# c\n"]
)
def test_what_is_accepted(text: str) -> None:
    assert read(text.removeprefix("\ufeff"))[1] == []


def test_an_expression_by_itself() -> None:
    found = Collector()
    assert parse_expression(SourceText("t", "a = 3"), found) is None
    assert parse_expression(SourceText("t", ""), found) is None
    assert len(found.diagnostics) == 2
    assert isinstance(value("sgd(\n  lr=0.1)"), tree.Call)


@pytest.mark.parametrize("seed", range(8))
def test_mutated_programs_get_diagnostics_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    signs = [*"()[]{}|>=:.,+-*\"'#\n;@!\\ x1é\u202e", "if ", "else ", "for ", "..", "|> "]
    for _ in range(250):
        text = Writer(rng).program() or "x = 1"
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(["", rng.choice(signs)]) + text[at + rng.randint(0, 3) :]
        found = Collector()
        file = parse(SourceText("t", text), found)
        assert isinstance(file, tree.File)
        for diagnostic in found.diagnostics:
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
            assert diagnostic.message


def test_lark_and_torch_are_not_imported() -> None:
    code = "import sys, specc.syntax; print([m for m in ('lark', 'torch') if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
