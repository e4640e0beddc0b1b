"""A train section as a Python function over one batch."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from specc.codegen import syntax as py
from specc.codegen.forward import Forward
from specc.codegen.layout import laid_out
from specc.codegen.names import Names
from specc.codegen.targets import Imports, module_names
from specc.codegen.terms import python
from specc.ir import expr as ir
from specc.ir import program as steps


def emit_step(step: steps.TrainStep, sizes: Mapping[str, int], title: str) -> str:
    """The source of a module with ``step(model, <fields>)`` and ``metrics()``.

    The first returns the loss, its named terms, and the tensors that each metric is updated with;
    the second makes the accumulators. ``sizes`` are those that the data gave (``label.classes``).
    """
    model = steps.Model(
        key="step",
        name="step",
        doc="",
        parameters=(),
        dim_names=(),
        inputs=step.fields,
        body=step.body,
        outputs=(),
        output_types=(),
    )
    names = Names(model, {}, frozenset(module_names(step)))
    names.add("model", "model")
    imports = Imports()
    forward = Forward(model, names, imports)
    forward.root = ""
    forward.constants = dict(sizes)
    loss = forward.expr(step.loss)
    terms = _mapping({name: py.name(names.python[name]) for name in step.terms})
    metrics = _mapping(
        {
            name: ast.Tuple([forward.expr(argument) for argument in arguments], ast.Load())
            for name, arguments in step.metrics
        }
    )
    result = ast.Tuple([loss, terms, metrics], ast.Load())
    statements = forward.body(result)
    arguments = [ast.arg("model", py.name("nn.Module"))]
    arguments += [ast.arg(names.python[field.name], py.name("Tensor")) for field in step.fields]
    signature = ast.arguments([], arguments, None, [], [], None, [])
    doc = "Loss, its named terms, and what each metric is updated with, for one batch."
    function = ast.FunctionDef(
        "step", signature, [py.expression(ast.Constant(doc)), *statements], [], lineno=0
    )
    accumulators = _metrics(step, imports, forward)
    parts = imports.parts.values()
    return laid_out(title, imports.groups(), parts, [function, accumulators], forward.comments)


def _metrics(step: steps.TrainStep, imports: Imports, forward: Forward) -> ast.stmt:
    """``metrics()``: a fresh accumulator for each metric."""
    items: dict[str, ast.expr] = {}
    for name, construct in step.accumulators:
        func = py.name(imports.reference(construct.target, construct.inline))
        positional = [
            python(given.value, forward.lookup, argument=True)
            for given in construct.arguments
            if not given.keyword and not isinstance(given.value, ir.Construct)
        ]
        named = {
            given.name: python(given.value, forward.lookup, argument=True)
            for given in construct.arguments
            if given.keyword and not isinstance(given.value, ir.Construct)
        }
        items[name] = py.call(func, *positional, **named)
    body: list[ast.stmt] = [
        py.expression(ast.Constant("A fresh accumulator for each metric.")),
        ast.Return(_mapping(items)),
    ]
    signature = ast.arguments([], [], None, [], [], None, [])
    return ast.FunctionDef("metrics", signature, body, [], lineno=0)


def _mapping(items: dict[str, ast.expr]) -> ast.expr:
    return ast.Dict([ast.Constant(key) for key in items], list(items.values()))
