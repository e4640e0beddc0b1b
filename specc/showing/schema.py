"""``specc compile --emit schema``: the interface of the models as a JSON Schema."""

from __future__ import annotations

from typing import Any

from specc.ir import program as ir
from specc.spec import Spec
from specc.types.terms import Const, ListTerm, Term, show

_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "str": {"type": "string"},
}


def schema(spec: Spec) -> dict[str, Any]:
    """Parameters, inputs and outputs of every class that the spec compiles to.

    ``parameters`` is the JSON Schema of the constructor's keyword arguments (``sizes`` are its
    leading positional ones: dims of the inputs that it needs). A tensor is described by its
    element, its dtype and its dims; a dim that is not a number is a name or an expression.
    """
    program = spec.compiled.program()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": spec.compiled.file.source.name,
        "models": {model.name: _model(model) for model in program.models},
    }


def _model(model: ir.Model) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {p.name: _parameter(p) for p in model.parameters},
        "required": [p.name for p in model.parameters if p.required],
        "additionalProperties": False,
    }
    found: dict[str, Any] = {"description": model.doc} if model.doc else {}
    return found | {
        "sizes": list(model.dim_names),
        "parameters": parameters,
        "inputs": {each.name: _tensor(each.type, each.dims) for each in model.inputs},
        "outputs": {
            name: _tensor(type_.element, type_.dims)
            for name, type_ in zip(model.outputs, model.output_types, strict=True)
        },
    }


def _parameter(parameter: ir.ModelParameter) -> dict[str, Any]:
    kind = parameter.type.replace(" ", "")
    if kind.startswith("list["):
        found: dict[str, Any] = {"type": "array", "items": dict(_TYPES.get(kind[5:-1], {}))}
    else:
        found = dict(_TYPES.get(kind, {}))
    if parameter.default is not None:
        found["default"] = _value(parameter.default)
    return found


def _value(term: Term) -> Any:
    """A default as JSON; one that is computed from other names as its text."""
    if isinstance(term, Const):
        return term.value
    if isinstance(term, ListTerm):
        return [_value(item) for item in term.items]
    return show(term, compact=True)


def _tensor(element: str, dims: tuple[Term, ...]) -> dict[str, Any]:
    return {"element": element, "dims": [_value(dim) for dim in dims]}
