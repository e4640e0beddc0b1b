"""The formatter keeps the tree and the comments, and formats its own output to itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from specc.diagnostics import Collector, SourceText, SpecError
from specc.syntax import format_source, parse, same_tree, tree
from tests.syntax.programs import SAMPLES, programs


def tree_of(text: str) -> tree.File:
    found = Collector()
    file = parse(SourceText("t", text), found)
    assert found.diagnostics == [], [(d.message, d.span) for d in found.diagnostics]
    return file


def comments_in(text: str) -> list[str]:
    outside_strings = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return sorted(comment.rstrip() for comment in re.findall(r"#[^\r\n]*", outside_strings))


def check(text: str) -> str:
    formatted = format_source(SourceText("t", text))
    assert same_tree(tree_of(text), tree_of(formatted))
    assert comments_in(formatted) == comments_in(text)
    assert format_source(SourceText("t", formatted)) == formatted
    return formatted


@settings(deadline=None)
@given(programs)
def test_any_program(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", SAMPLES)
def test_samples(text: str) -> None:
    formatted = check(text)
    assert max(map(len, formatted.splitlines())) <= 110  # a documentation line is its writer's


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("x=f(1,a = 2)", "x = f(1, a=2)\n"),
        ("x=a[ 1 : , ... ]", "x = a[1:, ...]\n"),
        ("x=-a**2*b", "x = -a ** 2 * b\n"),
        ("x=(a ,)", "x = (a,)\n"),
        ("dynamic B=1 .. 64", "dynamic B = 1..64\n"),
        ("m M( a:int=1,b ){}", "m M(a: int = 1, b) {}\n"),
        ("if a{x=1}else if b{}else{y=2}", "if a {\n  x = 1\n} else if b {} else {\n  y = 2\n}\n"),
        ("\n\n\nx = 1\n\n\n\ny = 2\n\n", "x = 1\n\ny = 2\n"),
        ("m {\n\n  x = 1\n\n}", "m {\n  x = 1\n}\n"),
        ("x = 1 # a\r\n", "x = 1  # a\n"),
        ("x = a\n      |> f |> g\n |> h", "x = a\n  |> f |> g\n  |> h\n"),
        ("m { # a\n# b\n}", "m {  # a\n  # b\n}\n"),
        ('use a>=1.2\nimport "b" as c', 'use a >= 1.2\nimport "b" as c\n'),
        ("x = (a # why\n + b)", "x = (\n  a + b\n  # why\n)\n"),
    ],
)
def test_layout(written: str, wanted: str) -> None:
    assert check(written) == wanted


def test_long_lines_are_wrapped() -> None:
    call = ", ".join(f"argument_{i}={i}" for i in range(8))
    assert check(f"x = component({call})").splitlines()[:2] == [
        "x = component(",
        "  argument_0=0,",
    ]
    stages = " |> ".join(f"component{i}(channels={i})" for i in range(5))
    assert check(f"x = {stages}").splitlines()[:2] == [
        "x = component0(channels=0)",
        "  |> component1(channels=1)",
    ]


def test_a_spec_with_mistakes_is_left_alone() -> None:
    with pytest.raises(SpecError) as raised:
        format_source(SourceText("t", "x = = 3"))
    assert raised.value.diagnostics[0].code.id == "E0133"
