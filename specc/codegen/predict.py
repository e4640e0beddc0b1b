"""The outputs of a train section as a Python function over one batch."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from specc.codegen import syntax as py
from specc.codegen.forward import Forward
from specc.codegen.layout import laid_out
from specc.codegen.names import Names
from specc.codegen.targets import Imports, module_names
from specc.ir import program as steps


def emit_predict(step: steps.PredictStep, sizes: Mapping[str, int], title: str) -> str:
    """The source of a module with ``predict(model, <fields>)``, which returns outputs by name.

    ``sizes`` are those that the data gave (``label.classes``).
    """
    model = steps.Model(
        key="predict",
        name="predict",
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
    keys: list[ast.expr | None] = [ast.Constant(name) for name in step.outputs]
    values = [py.name(names.python[name]) for name in step.outputs]
    statements = forward.body(ast.Dict(keys, values))
    arguments = [ast.arg("model", py.name("nn.Module"))]
    arguments += [ast.arg(names.python[field.name], py.name("Tensor")) for field in step.fields]
    signature = ast.arguments([], arguments, None, [], [], None, [])
    doc = py.expression(ast.Constant("The outputs for one batch, by name."))
    function = ast.FunctionDef("predict", signature, [doc, *statements], [], lineno=0)
    return laid_out(title, imports.groups(), imports.parts.values(), [function], forward.comments)
