"""The steps of a train section as Python functions over one batch."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from specc.codegen import syntax as py
from specc.codegen.batch import BatchFunction
from specc.codegen.layout import laid_out
from specc.codegen.targets import Imports, module_names
from specc.codegen.terms import python
from specc.ir import expr as ir
from specc.ir import program as steps


def function_name(step: str) -> str:
    """What the function of a step is called: ``judge_step``, or ``step`` where there is one."""
    return f"{step}_step" if step else "step"


def emit_steps(all_steps: Sequence[steps.TrainStep], sizes: Mapping[str, int], title: str) -> str:
    """The source of a module with a function for each step, and ``metrics()``.

    The first take the instances and the fields, and return the loss, its named terms, and the
    tensors that each metric is updated with; the last makes the accumulators. ``sizes`` are those
    that the data gave (``label.classes``).
    """
    imports = Imports()
    reserved = frozenset().union(*map(module_names, all_steps))
    functions: list[ast.stmt] = []
    comments: dict[int, str] = {}
    for step in all_steps:
        name = function_name(step.name)
        function = BatchFunction(
            name, step.instances, step.fields, step.body, sizes, imports, reserved | {name}
        )

        def result(step: steps.TrainStep = step, function: BatchFunction = function) -> ast.expr:
            forward, names = function.forward, function.names
            terms = {score: py.name(names.python[local]) for score, local in step.terms}
            metrics: dict[str, ast.expr] = {
                score: ast.Tuple([forward.expr(argument) for argument in arguments], ast.Load())
                for score, arguments in step.metrics
            }
            parts = [forward.expr(step.loss), _mapping(dict(terms)), _mapping(metrics)]
            return ast.Tuple(parts, ast.Load())

        doc = "Loss, its named terms, and what each metric is updated with, for one batch."
        functions.append(function.emit(doc, result))
        comments |= function.forward.comments
    functions.append(_metrics(all_steps, sizes, imports))
    return laid_out(title, imports.groups(), imports.parts.values(), functions, comments)


def _metrics(
    all_steps: Sequence[steps.TrainStep], sizes: Mapping[str, int], imports: Imports
) -> ast.stmt:
    """``metrics()``: a fresh accumulator for each metric."""
    lookup = BatchFunction("metrics", (), (), (), sizes, imports, frozenset()).forward.lookup
    items: dict[str, ast.expr] = {}
    for name, construct in (pair for step in all_steps for pair in step.accumulators):
        func = py.name(imports.reference(construct.target, construct.inline))
        positional = [
            python(given.value, lookup, argument=True)
            for given in construct.arguments
            if not given.keyword and not isinstance(given.value, ir.Construct)
        ]
        named = {
            given.name: python(given.value, lookup, argument=True)
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


def _mapping(items: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Dict([ast.Constant(key) for key in items], list(items.values()))
