"""Mistakes in expressions."""

from __future__ import annotations

import re

from specc.diagnostics import Code, Diagnostic, Label, Span
from specc.syntax import tree

PIPE_OPERATOR = Code(
    "E0121",
    "A pipe beside an operator",
    """\
A pipe next to an operator, a range or a ternary can be read in two ways, and people
read it differently. Parentheses say which is meant.

    y = x + h |> gelu          # wrong
    y = (x + h) |> gelu        # right: the sum goes through gelu
    y = x + (h |> gelu)        # right: only h does
""",
)

CHAINED_COMPARISON = Code(
    "E0122",
    "A chained comparison",
    """\
A comparison has two sides. Join two of them with `and`.

    assert 0 < p < 1, "p is a probability"             # wrong
    assert 0 < p and p < 1, "p is a probability"       # right
""",
)

ARGUMENT_ORDER = Code(
    "E0123",
    "An argument without a name after one with a name",
    """\
Arguments by position come first, then those by name, as in Python.

    x |> conv2d(kernel_size=3, 64)      # wrong
    x |> conv2d(64, kernel_size=3)      # right
""",
)

ARGUMENT_TWICE = Code(
    "E0124",
    "An argument given twice",
    """\
A name may stand once among the arguments.

    x |> conv2d(64, padding=1, padding=0)      # wrong
    x |> conv2d(64, padding=0)                 # right
""",
)

EMPTY_GROUP = Code(
    "E0125",
    "Parentheses around nothing",
    """\
Parentheses group tensors, or set a part of an expression apart: something must stand in
them. A component without settings is written without parentheses or as a call.

    x = () |> randn(B, 64)     # wrong
    x = randn(B, 64)           # right: what takes no tensors is applied where it stands
""",
)

MISSING_COMMA = Code(
    "E0126",
    "A missing comma",
    """\
Arguments and the items of a list are separated by commas.

    x |> conv2d(64 kernel_size=3)       # wrong
    x |> conv2d(64, kernel_size=3)      # right
""",
)

MISSING_PIPE = Code(
    "E0127",
    "A missing or mistyped pipe",
    """\
|> carries tensors from one component to the next; it stands before every component.

    x = x |> conv2d(64) relu            # wrong
    x = x |> conv2d(64) |> relu         # right
""",
)

VALUE_MISSING = Code(
    "E0128",
    "A value is missing",
    """\
An = , an operator, a pipe or a comma promises a value, and none follows before the line
ends. A line break ends a statement, except inside ( ) and [ ] and before |>.

    y = a +                    # wrong
        b

    y = (a +                   # right
         b)
""",
)

FOREIGN_EXPRESSION = Code(
    "E0129",
    "An expression of another language",
    """\
A spec describes; it has no lambdas, comprehensions or formatted strings. Loops are
statements, functions are models, and strings never change.

    widths = [2 * w for w in widths]       # wrong
    for w in widths {                      # right
      x = x |> Block(2 * w)
    }
""",
)

_COMMENT = re.compile(r"#[^\n]*")


def pipe_beside_operator(pipe: tree.Pipe, part: tree.Expr) -> Diagnostic:
    """``part`` is the source or the target of ``pipe`` that has an operator."""
    first, second = _readings(pipe, part)
    return Diagnostic(
        PIPE_OPERATOR,
        "a pipe beside an operator needs parentheses",
        part.span,
        "this can be read in two ways",
        help=f"write {first} or {second}",
    )


def _readings(pipe: tree.Pipe, part: tree.Expr) -> tuple[str, str]:
    whole = pipe.span
    last = _edge(part, right=True)
    if part is pipe.source:
        return (
            f"({_text(whole, part.span.start, part.span.end)})"
            f"{_text(whole, part.span.end, whole.end)}",
            f"{_text(whole, part.span.start, last.start)}({_text(whole, last.start, whole.end)})",
        )
    first = _edge(part, right=False)
    before = f"({_text(whole, whole.start, first.end)}){_text(whole, first.end, last.start)}"
    if part.span.end < whole.end:
        rest = _text(whole, last.start, whole.end)
        return (
            f"({before}{_text(whole, last.start, last.end)}){_text(whole, last.end, whole.end)}",
            f"{before}({rest})",
        )
    return (
        f"{before}{_text(whole, last.start, last.end)}",
        f"{_text(whole, whole.start, part.span.start)}({_text(whole, *_ends(part.span))})",
    )


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _edge(expr: tree.Expr, *, right: bool) -> Span:
    """The operand that stands first or last in an expression."""
    while True:
        if isinstance(expr, tree.Binary):
            expr = expr.right if right else expr.left
        elif isinstance(expr, tree.Ternary):
            expr = expr.otherwise if right else expr.then
        elif isinstance(expr, tree.Range):
            expr = expr.high if right else expr.low
        elif isinstance(expr, tree.Unary) and right:
            expr = expr.operand
        else:
            return expr.span


def _text(whole: Span, start: int, end: int) -> str:
    """A part of the source on one line, shortened in its middle."""
    text = _COMMENT.sub("", whole.source.text[start:end])
    inner = " ".join(text.split())
    if len(inner) > 40:
        inner = f"{inner[:19]} ... {inner[-16:]}"
    lead = " " if text[:1].isspace() else ""
    trail = " " if text[-1:].isspace() and inner else ""
    return f"{lead}{inner}{trail}"


def pipe_in_index(span: Span) -> Diagnostic:
    """``h[a |> f]``."""
    return Diagnostic(
        PIPE_OPERATOR,
        "a pipe in square brackets needs parentheses",
        span,
        help="write [(a |> f)], or give the piped value a name first",
    )


def chained_comparison(left: tree.Binary, operator: Span, right: tree.Expr) -> Diagnostic:
    """``left operator right``, where ``left`` is a comparison itself."""
    first = _text(left.span, left.span.start, left.span.end)
    middle = _text(left.span, left.right.span.start, left.right.span.end)
    last = _text(left.span, right.span.start, right.span.end)
    return Diagnostic(
        CHAINED_COMPARISON,
        "comparisons are not chained",
        operator,
        help=f"write {first} and {middle} {operator.text} {last}",
    )


def positional_after_named(span: Span, named: Span) -> Diagnostic:
    """An argument by position, and the one by name before it."""
    return Diagnostic(
        ARGUMENT_ORDER,
        "an argument without a name stands after one with a name",
        span,
        "has no name",
        (Label(named, "has one"),),
        help="move it before the named ones, or give it its name",
    )


def argument_twice(name: tree.Name, earlier: Span) -> Diagnostic:
    """A name among the arguments, and where it stood before."""
    return Diagnostic(
        ARGUMENT_TWICE,
        f"`{name.id}` is given twice",
        name.span,
        "again here",
        (Label(earlier, "first here"),),
        help="keep one of them",
    )


def empty_group(span: Span) -> Diagnostic:
    """``()``."""
    return Diagnostic(
        EMPTY_GROUP,
        "nothing stands in these parentheses",
        span,
        help="write the value that is meant, or [] for an empty list",
    )


def missing_comma(span: Span, before: str, after: str) -> Diagnostic:
    """Two values side by side in brackets; ``span`` is the gap between them."""
    return Diagnostic(
        MISSING_COMMA,
        f"a comma is missing between `{before}` and `{after}`",
        span,
        help="items in ( ) and [ ] are separated by commas",
    )


def missing_pipe(span: Span, after: str) -> Diagnostic:
    """Two applications side by side."""
    return Diagnostic(
        MISSING_PIPE,
        f"a |> is missing before `{after}`",
        span,
        help=f"write |> {after}",
    )


def pipe_mistyped(span: Span, written: str) -> Diagnostic:
    """``->``, ``=>`` or the like for ``|>``."""
    return Diagnostic(
        MISSING_PIPE,
        f"`{written}` is not used here",
        span,
        help="tensors are passed on by |>",
    )


def result_annotated(span: Span) -> Diagnostic:
    """``model Net() -> float {``."""
    return Diagnostic(
        MISSING_PIPE,
        "the head of a model does not say what it gives",
        span,
        help="its outputs do: `output scores: logits[B, 10] = ...`",
    )


def pipe_doubled(span: Span) -> Diagnostic:
    """``|> |>``."""
    return Diagnostic(
        MISSING_PIPE, "nothing stands between these two pipes", span, help="remove one of them"
    )


def two_values(span: Span, before: str, after: str) -> Diagnostic:
    """Two values side by side, outside of brackets."""
    return Diagnostic(
        MISSING_PIPE,
        f"nothing joins `{before}` and `{after}`",
        span,
        help="put |> before a component, an operator between values, or begin a new line",
    )


def value_missing(span: Span, after: str) -> Diagnostic:
    """The line ends after a sign that wants a value."""
    return Diagnostic(
        VALUE_MISSING,
        f"a value is missing after `{after}`",
        span,
        help="a statement ends with its line; inside ( ) and [ ], and before |>, it goes on",
    )


def operand_missing(span: Span, before: str, found: str) -> Diagnostic:
    """Two signs side by side."""
    return Diagnostic(
        VALUE_MISSING,
        f"a value is missing between `{before}` and `{found}`",
        span,
        help="put the value there, or remove one of the two",
    )


def item_missing(span: Span) -> Diagnostic:
    """A comma with nothing before it."""
    return Diagnostic(
        VALUE_MISSING,
        "nothing stands before this comma",
        span,
        help="remove the comma, or put a value before it",
    )


def foreign_expression(span: Span, what: str, instead: str) -> Diagnostic:
    """An expression of another language: what does not exist, and what to write instead."""
    return Diagnostic(FOREIGN_EXPRESSION, f"there are no {what} in a spec", span, help=instead)


def named_by_colon(span: Span, name: str) -> Diagnostic:
    """``f(a: 1)``."""
    return Diagnostic(
        FOREIGN_EXPRESSION,
        "a colon gives no value to an argument",
        span,
        help=f"write {name}=...; a label `name: component` stands after |>",
    )
