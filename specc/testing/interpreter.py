"""Runs what a component or a model lowers to, node by node, over real tensors.

It shares nothing with code generation: it is the second opinion that inferred types and emitted
source are compared with. Clear before fast.
"""

from __future__ import annotations

import builtins
import importlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import torch
from torch import nn

from specc.ir import expr as ir
from specc.types.terms import Choice, Const, FunctionCall, Item, ListTerm, Op, Ref, Term

Values = Mapping[str, Any]

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "list": list,
    "min": min,
    "max": max,
    "sum": sum,
    "abs": abs,
    "round": round,
    "range": lambda *bounds: list(range(*bounds)),
    "zip": lambda *lists: [list(row) for row in zip(*lists, strict=True)],
    "reversed": lambda items: list(items)[::-1],
    "enumerate": lambda items: [list(pair) for pair in enumerate(items)],
}


def resolve(target: str) -> Any:
    """The object at a dotted path: the longest prefix that is a module, then attributes.

    Raises:
        ImportError: if no prefix can be imported.
        AttributeError: if the module lacks the rest.
    """
    if "." not in target:
        return getattr(builtins, target)
    parts = target.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        try:
            found: Any = importlib.import_module(name)
        except ModuleNotFoundError as error:
            # A module that is missing something else is broken, not absent.
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise ImportError(f"no module on the path {target}")


def value_of(term: Term, names: Values) -> Any:
    """A plain value; lists come out as lists.

    Raises:
        KeyError: if the term speaks of a name that ``names`` lacks.
    """
    match term:
        case Const(value):
            return value
        case Ref(name):
            return names[name]
        case ListTerm(items):
            return [value_of(item, names) for item in items]
        case Item(value, index):
            return value_of(value, names)[value_of(index, names)]
        case Choice(condition, then, otherwise):
            return value_of(then if value_of(condition, names) else otherwise, names)
        case FunctionCall(name, args):
            return _FUNCTIONS[name](*(value_of(arg, names) for arg in args))
        case Op("and", args):
            return all(value_of(arg, names) for arg in args)
        case Op("or", args):
            return any(value_of(arg, names) for arg in args)
        case Op("not", (arg,)):
            return not value_of(arg, names)
        case Op("neg", (arg,)):
            return -value_of(arg, names)
        case Op(op, args):
            return reduce(_BINARY[op], (value_of(arg, names) for arg in args))
    raise TypeError(f"not a term: {term!r}")


def constructed(construct: ir.Construct, names: Values) -> Any:
    """What a constructor call makes; ``inline`` targets come from where they are written."""
    positional = []
    keywords = {}
    for given in construct.arguments:
        if isinstance(given.value, ir.Construct):
            value = constructed(given.value, names)
        else:
            value = value_of(given.value, names)
        if given.keyword:
            keywords[given.name] = value
        elif keywords:
            raise TypeError(f"{construct.target}: {given.name} by position after a keyword")
        else:
            positional.append(value)
    return resolve(construct.target)(*positional, **keywords)


class Evaluator:
    """Evaluates expressions over ``tensors`` (by their names in the spec) and plain ``names``.

    ``submodule`` finds what a path of attributes names; ``built`` finds the module of a `Build`.
    """

    def __init__(
        self,
        tensors: Values,
        names: Values,
        *,
        submodule: Callable[[str], Any],
        built: Callable[[ir.Build], Any],
    ) -> None:
        self.tensors = tensors
        self.names = names
        self.submodule = submodule
        self.built = built

    def value(self, node: ir.Expr) -> Any:
        match node:
            case ir.Local(name):
                return self.tensors[name]
            case ir.Plain(term):
                return value_of(term, self.names)
            case ir.Device():
                return self._device()
            case ir.Submodule(path):
                return self.submodule(path)
            case ir.Build():
                return self.built(node)
            case ir.Apply(callee, arguments):
                return self._called(self.value(callee), arguments)
            case ir.Function(target, arguments):
                return self._called(resolve(target), arguments)
            case ir.Method(name, receiver, arguments):
                return self._called(getattr(self.value(receiver), name), arguments)
            case ir.Operation(op, operands):
                return self._operation(op, [self.value(operand) for operand in operands])
            case ir.Pick(value, which):
                whole = self.value(value)
                return getattr(whole, which) if isinstance(which, str) else whole[which]
            case ir.Subscript(value, items):
                index = tuple(self._index(item) for item in items)
                return self.value(value)[index[0] if len(index) == 1 else index]
            case ir.Sequence(items, brackets):
                values = [self.value(item) for item in items]
                return values if brackets == "list" else tuple(values)
            case ir.Choose(condition, then, otherwise):
                side = then if value_of(condition, self.names) else otherwise
                if side is None:
                    raise ValueError("a side of a ternary that was never analysed is taken")
                return self.value(side)
        raise TypeError(f"not an expression: {node!r}")

    def _device(self) -> torch.device:
        for value in self.tensors.values():
            if isinstance(value, torch.Tensor):
                return value.device
        return torch.device("cpu")

    def _called(self, callee: Any, arguments: Sequence[ir.Passed]) -> Any:
        positional = [self.value(a.value) for a in arguments if a.name is None]
        return callee(
            *positional, **{a.name: self.value(a.value) for a in arguments if a.name is not None}
        )

    def _index(self, item: Any) -> Any:
        match item:
            case ir.RestItem():
                return Ellipsis
            case ir.SliceItem(start, stop, step):
                bounds = (start, stop, step)
                return slice(*(b if b is None else value_of(b, self.names) for b in bounds))
            case _:
                return self.value(item)

    @staticmethod
    def _operation(op: str, operands: list[Any]) -> Any:
        if op == "neg":
            return -operands[0]
        if op in ("not", "~"):
            (only,) = operands
            return torch.logical_not(only) if isinstance(only, torch.Tensor) else not only
        if op in ("and", "&", "or", "|"):
            both = op in ("and", "&")
            if any(isinstance(operand, torch.Tensor) for operand in operands):
                return reduce(torch.logical_and if both else torch.logical_or, operands)
            return all(operands) if both else any(operands)
        return reduce(_BINARY[op], operands)


def builds(node: Any) -> Iterator[ir.Build]:
    """The modules that an expression makes, in the order they are met."""
    return (found for found in ir.walk(node) if isinstance(found, ir.Build))


class LoweredComponent(nn.Module):
    """One component as a module, from what its `lower` returned.

    ``inputs`` names the tensors in their order. ``names`` gives a value to each dim name that a
    constructor mentions; names of sizes that only the forward pass mentions are given by
    ``sizes(tensors)``. Several outputs come back as a dict.
    """

    def __init__(
        self,
        lowered: ir.Expr | ir.Construct | Mapping[str, ir.Expr],
        inputs: Sequence[str],
        names: Values,
        sizes: Callable[[Values], Values] = lambda tensors: {},
    ) -> None:
        super().__init__()
        if isinstance(lowered, ir.Construct):
            arguments = tuple(ir.Passed(ir.Local(name)) for name in inputs)
            lowered = ir.Apply(ir.Build(lowered), arguments)
        self.lowered = lowered
        self.inputs = tuple(inputs)
        self.names = dict(names)
        self.sizes = sizes
        self._of_equal: dict[ir.Build, str] = {}
        for build in builds(tuple(lowered.values()) if isinstance(lowered, Mapping) else lowered):
            # One Build that several outputs mention is one module.
            if build in self._of_equal:
                continue
            place = f"module_{len(self._of_equal)}"
            self._of_equal[build] = place
            setattr(self, place, constructed(build.construct, names))

    def forward(self, *tensors: Any) -> Any:
        given = dict(zip(self.inputs, tensors, strict=True))
        evaluator = Evaluator(
            given,
            {**self.names, **self.sizes(given)},
            submodule=lambda path: reduce(getattr, path.split("."), self),
            built=lambda build: getattr(self, self._of_equal[build]),
        )
        if isinstance(self.lowered, Mapping):
            return {name: evaluator.value(node) for name, node in self.lowered.items()}
        return evaluator.value(self.lowered)
