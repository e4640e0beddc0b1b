"""A function over the instances of a train section and one batch of its fields."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from specc.codegen import syntax as py
from specc.codegen.forward import Forward
from specc.codegen.names import Names
from specc.codegen.targets import Imports
from specc.ir import program as steps


class BatchFunction:
    """Emits ``name(model, <fields>)`` from a body; ``reserved`` are names of the module around it.

    ``sizes`` are those that the data gave (``label.classes``).
    """

    def __init__(
        self,
        name: str,
        instances: Sequence[str],
        fields: tuple[steps.ModelInput, ...],
        body: tuple[steps.Step, ...],
        sizes: Mapping[str, int],
        imports: Imports,
        reserved: frozenset[str],
    ) -> None:
        model = steps.Model(
            key=name,
            name=name,
            doc="",
            parameters=(),
            dim_names=(),
            inputs=fields,
            body=body,
            outputs=(),
            output_types=(),
        )
        self.name = name
        self.fields = fields
        self.names = Names(model, {}, reserved)
        self.instances = [self.names.add(each, each) for each in instances]
        self.forward = Forward(model, self.names, imports)
        self.forward.root = ""
        self.forward.elements = dict(zip(instances, self.instances, strict=True))
        self.forward.constants = dict(sizes)

    def emit(self, doc: str, result: Callable[[], ast.expr]) -> ast.stmt:
        """The function; ``result`` makes what it returns."""
        statements = self.forward.body(result())
        arguments = [ast.arg(name, py.name("nn.Module")) for name in self.instances]
        arguments += [
            ast.arg(self.names.python[field.name], py.name("Tensor")) for field in self.fields
        ]
        signature = ast.arguments([], arguments, None, [], [], None, [])
        body = [py.expression(ast.Constant(doc)), *statements]
        return ast.FunctionDef(self.name, signature, body, [], lineno=0)
