"""A model as it leaves: inputs by their names, and a plain tuple of outputs."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from keyword import iskeyword

from specc.codegen import syntax as py
from specc.codegen.layout import laid_out

TITLE = "A model with a plain tuple of outputs."


def emit_exported(inputs: Sequence[str], outputs: int) -> str:
    """The source of a module with the class ``Exported``, made around a model.

    A record of several outputs becomes a tuple, and so does a single tensor.
    """
    names = [argument(name) for name in inputs]
    result = py.call(py.name("self.model"), *(py.name(name) for name in names))
    several = [
        ast.Subscript(py.name("result_"), ast.Constant(k), ast.Load()) for k in range(outputs)
    ]
    items: list[ast.expr] = [py.name("result_")] if outputs == 1 else [*several]
    tensor = py.name("Tensor")
    forward = ast.FunctionDef(
        "forward",
        ast.arguments(
            [],
            [ast.arg("self"), *(ast.arg(name, tensor) for name in names)],
            None,
            [],
            [],
            None,
            [],
        ),
        [py.assign("result_", result), ast.Return(ast.Tuple(items, ast.Load()))],
        [],
        lineno=0,
    )
    start = ast.FunctionDef(
        "__init__",
        ast.arguments(
            [], [ast.arg("self"), ast.arg("model", py.name("nn.Module"))], None, [], [], None, []
        ),
        [
            py.expression(py.method(py.call(py.name("super")), "__init__")),
            py.assign("self.model", py.name("model")),
        ],
        [],
        lineno=0,
    )
    doc = py.expression(ast.Constant(TITLE))
    made = ast.ClassDef("Exported", [py.name("nn.Module")], [], [doc, start, forward], [])
    return laid_out(TITLE, ["from torch import Tensor, nn"], [], [made], {})


def argument(name: str) -> str:
    """An input's name as a keyword of Python."""
    return f"{name}_" if iskeyword(name) or name in ("self", "result_") else name
