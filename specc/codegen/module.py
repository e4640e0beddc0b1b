"""A whole program as one Python source text."""

from __future__ import annotations

import ast

from specc.codegen import syntax as py
from specc.codegen.classes import written
from specc.codegen.constructor import Classes, Constructor
from specc.codegen.forward import Forward, shown
from specc.codegen.layout import laid_out
from specc.codegen.names import Names
from specc.codegen.picks import parts_used
from specc.codegen.targets import Imports
from specc.ir import program as steps
from specc.ir.needs import needed_by_constructor


def emit(program: steps.Program, title: str) -> str:
    """The source of a module with one class for each model; ``title`` is its docstring."""
    imports = Imports()
    classes: list[ast.stmt] = []
    comments: dict[int, str] = {}
    known = Classes(written(program), {})
    for model in program.models:
        classes += _class(model, imports, known, comments)
    several = any(len(model.outputs) > 1 for model in program.models)
    groups = imports.groups(named_tuple=several)
    return laid_out(title, groups, imports.parts.values(), classes, comments)


def _class(
    model: steps.Model, imports: Imports, known: Classes, comments: dict[int, str]
) -> list[ast.stmt]:
    this = known.written[model.key]
    names = Names(model, this.parameters, this.reserved)
    forward = Forward(model, names, imports)
    forward.parts = parts_used(model)
    record = this.record
    statements = forward.body(forward.outputs(record))
    needed = needed_by_constructor(model.body)
    constructor = Constructor(model, names, imports, known, needed)
    known.words[model.key] = dict(constructor.words)
    init = constructor.function(forward.stored)
    comments |= forward.comments
    arguments = [ast.arg("self")]
    arguments += [ast.arg(names.python[each.name], py.name("Tensor")) for each in model.inputs]
    signature = ast.arguments([], arguments, None, [], [], None, [])
    returns = py.name(record or "Tensor")
    method = ast.FunctionDef("forward", signature, statements, [], returns, lineno=0)
    body: list[ast.stmt] = [py.expression(ast.Constant(_doc(model))), init, method]
    found: list[ast.stmt] = []
    if record is not None:
        fields: list[ast.stmt] = [
            ast.AnnAssign(ast.Name(output, ast.Store()), py.name("Tensor"), None, 1)
            for output in model.outputs
        ]
        for field, type_ in zip(fields, model.output_types, strict=False):
            comments[id(field)] = shown(type_)
        found.append(ast.ClassDef(record, [py.name("NamedTuple")], [], fields, []))
    found.append(ast.ClassDef(this.name, [py.name("nn.Module")], [], body, []))
    return found


def _doc(model: steps.Model) -> str:
    """The docstring: the spec's words, then the types of inputs and outputs."""
    inputs = ", ".join(
        f"{each.name}: {shown(steps.ShownType(each.type, each.dims))}" for each in model.inputs
    )
    outputs = ", ".join(
        f"{name}: {shown(type_)}"
        for name, type_ in zip(model.outputs, model.output_types, strict=False)
    ) or ", ".join(model.outputs)  # no types where uses differ in more than sizes
    text = f"{inputs} -> {outputs}"
    if not model.doc:
        return text
    lines = model.doc.strip().splitlines()
    if len(lines) == 1:
        return f"{lines[0]}\n\n    {text}\n    "
    return "\n    ".join([lines[0], *lines[1:], "", text, ""])
