"""One run reports every independent mistake, once."""

from __future__ import annotations

import pytest

from specc.diagnostics import Collector, SourceText
from specc.syntax import parse, tree


def mistakes(text: str) -> list[tuple[int, str]]:
    """Line and code of each."""
    found = Collector()
    parse(SourceText("t", text), found)
    return [(d.span.line, d.code.id) for d in found.diagnostics if d.span]


def test_ten_mistakes_in_ten_places() -> None:
    text = """\
nnspec 1
model Block(int width) {
  input x: float[B, C
  y == x |> relu
  output z = x + y |> gelu
}
import blocks
model Net {
  x = image |> conv2d(64 kernel_size=3)
  if deep = 2 {
    x = x |> |> relu
  } elif wide {
    x += 1
  }
  output y = 'x'
}
"""
    assert mistakes(text) == [
        (2, "E0135"),
        (3, "E0111"),
        (4, "E0133"),
        (5, "E0121"),
        (7, "E0138"),
        (9, "E0126"),
        (10, "E0133"),
        (11, "E0127"),
        (12, "E0137"),
        (13, "E0133"),
        (15, "E0103"),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # an open bracket ends where the next statement begins
        ("x = f(a\ny = 2\nz = = 3\n", [(1, "E0111"), (3, "E0133")]),
        ("x = f(a,\n  b=1\ny = g(2)\n}\n", [(1, "E0111"), (4, "E0112")]),
        ("m {\n  x = [1, 2\n}\ny = )\n", [(2, "E0111"), (4, "E0112")]),
        ("x = f([a)\ny == 1\n", [(1, "E0111"), (2, "E0133")]),
        ("for x in f(a {\n  y == x\n}\n", [(1, "E0111"), (2, "E0133")]),
        # a brace is missed where the indentation says
        ("m {\n  if a {\n    x = 1\n}\n", [(2, "E0111")]),
        ("m {\n  x = 1\n", [(1, "E0111")]),
        ("m {\n  x = 1\n}\n}\ny = 2\n", [(4, "E0112")]),
        # Python's blocks
        (
            "m {\n  if a:\n    x == 1\n  else:\n    y = 2\n  z = 3\n}\n",
            [(2, "E0114"), (3, "E0133"), (4, "E0114")],
        ),
        ("model M\n  x = 1\n}\n", [(1, "E0114")]),
        ("model M\n{\n  x == 1\n}\n", [(2, "E0115"), (3, "E0133")]),
        ("if a {\n}\nelse {\n  x == 1\n}\n", [(3, "E0115"), (4, "E0133")]),
        # the block of a faulty head is still read
        ("for x = 3 {\n  y == x\n}\nz == 1\n", [(1, "E0139"), (2, "E0133"), (4, "E0133")]),
        ("else {\n  y == x\n}\n", [(1, "E0137"), (2, "E0133")]),
        ("m { x = 1 } y == 2\n", [(1, "E0140"), (1, "E0133")]),
        ("x = {a: 1,\n  b: 2}\ny == 1\n", [(1, "E0116"), (3, "E0133")]),
        ("x = 1; y == 2\n", [(1, "E0106"), (1, "E0133")]),
    ],
)
def test_what_follows_a_mistake_is_read(text: str, wanted: list[tuple[int, str]]) -> None:
    assert sorted(mistakes(text)) == sorted(wanted)


def test_the_statements_around_a_mistake_are_kept() -> None:
    file = parse(
        SourceText("t", "a = 1\nm {\n  b = 2\n  c = = 3\n  d = 4\n}\ne = 5\n"), Collector()
    )
    first, section, last = file.body
    assert isinstance(section, tree.Section)
    assert [s.targets[0].id for s in section.body if isinstance(s, tree.Assign)] == ["b", "d"]
    assert isinstance(first, tree.Assign)
    assert isinstance(last, tree.Assign)
