"""The outputs of a train section as a Python function over one batch."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from specc.codegen import syntax as py
from specc.codegen.batch import BatchFunction
from specc.codegen.layout import laid_out
from specc.codegen.targets import Imports, module_names
from specc.ir import program as steps


def emit_predict(step: steps.PredictStep, sizes: Mapping[str, int], title: str) -> str:
    """The source of a module with ``predict(model, <fields>)``, which returns outputs by name.

    ``sizes`` are those that the data gave (``label.classes``).
    """
    imports = Imports()
    function = BatchFunction(
        "predict",
        step.instances,
        step.fields,
        step.body,
        sizes,
        imports,
        frozenset(module_names(step)),
    )
    keys: list[ast.expr | None] = [ast.Constant(name) for name in step.outputs]
    values = [py.name(function.names.python[name]) for name in step.outputs]
    emitted = function.emit(
        "The outputs for one batch, by name.", lambda: ast.Dict(keys, [*values])
    )
    comments = function.forward.comments
    return laid_out(title, imports.groups(), imports.parts.values(), [emitted], comments)
