"""A module around one component as source, for what needs source: TorchScript above all.

It prints the few kinds of nodes that a lowering is made of. The emitter of whole models is
`specc.codegen`, of which this knows nothing.
"""

from __future__ import annotations

import inspect
import itertools
import linecache
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple
from torch import nn

from specc.ir import expr as ir
from specc.testing.interpreter import resolve, value_of
from specc.types.terms import Choice, Const, FunctionCall, Item, ListTerm, Op, Ref, Term

_counter = itertools.count()

_HEADER = """\
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
"""


def wrap(
    lowered: ir.Expr | Mapping[str, ir.Expr],
    inputs: Sequence[str],
    names: Mapping[str, Any],
    shapes: Mapping[str, tuple[str, int]],
) -> tuple[type[nn.Module], str]:
    """The class of a module whose forward takes ``inputs`` in their order, and its source.

    ``names`` are the plain values that constructors mention. A size that forward mentions is read
    from the input and axis of ``shapes``. Several outputs make a tuple.
    """
    printer = _Printer(inputs, names)
    parts = tuple(lowered.values()) if isinstance(lowered, Mapping) else (lowered,)
    results = [printer.expression(part) for part in parts]
    used = [n for n in shapes if any(Ref(n) == node for node in _terms(parts))]
    lines = [_HEADER, *_copies(parts), "class Wrapper(nn.Module):"]
    lines += ["    def __init__(self):", "        super().__init__()"]
    lines += [f"        self.{place} = {made}" for place, made in printer.modules.items()]
    lines += [f"    def forward({', '.join(['self', *(f'{n}: Tensor' for n in inputs)])}):"]
    lines += [f"        {n} = {shapes[n][0]}.shape[{shapes[n][1]}]" for n in used]
    returned = results[0] if len(results) == 1 else f"({', '.join(results)})"
    lines += [f"        return {returned}"]
    source = "\n".join(lines) + "\n"
    return _loaded(source), source


def _loaded(source: str) -> type[nn.Module]:
    name = f"specc_testing_wrapper_{next(_counter)}"
    module = ModuleType(name)
    module.__file__ = f"<{name}>"
    linecache.cache[module.__file__] = (len(source), None, source.splitlines(True), module.__file__)
    sys.modules[name] = module
    exec(compile(source, module.__file__, "exec"), module.__dict__)  # noqa: S102
    wrapper: type[nn.Module] = module.__dict__["Wrapper"]
    return wrapper


def _copies(parts: Sequence[ir.Expr]) -> Iterator[str]:
    """The sources of inline targets, once each: they must do with the imports of the header."""
    nodes = [node for part in parts for node in ir.walk(part)]
    kinds = (ir.Construct, ir.Function)
    targets = dict.fromkeys(n.target for n in nodes if isinstance(n, kinds) and n.inline)
    for target in targets:
        yield inspect.getsource(resolve(target)) + "\n"


def _terms(parts: Sequence[ir.Expr]) -> Iterator[Any]:
    """Every term that forward mentions, those inside others too; constructors are left out."""
    for part in parts:
        waiting: list[Any] = [part]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ir.Build):
                continue
            yield node
            if isinstance(node, tuple):
                waiting += node
            elif isinstance(node, Struct):
                waiting += astuple(node)


class _Printer:
    def __init__(self, inputs: Sequence[str], names: Mapping[str, Any]) -> None:
        self.inputs = inputs
        self.names = names
        self.modules: dict[str, str] = {}
        self.places: dict[ir.Build, str] = {}

    def expression(self, node: ir.Expr) -> str:
        match node:
            case ir.Local(name):
                return name
            case ir.Plain(term):
                return _term(term)
            case ir.Device():
                return f"{self.inputs[0]}.device" if self.inputs else 'torch.device("cpu")'
            case ir.Build():
                return f"self.{self.place(node)}"
            case ir.Apply(callee, arguments):
                return f"{self.expression(callee)}({self.arguments(arguments)})"
            case ir.Function(target, arguments, inline):
                callee_name = target.rpartition(".")[2] if inline else target
                return f"{callee_name}({self.arguments(arguments)})"
            case ir.Method(name, receiver, arguments):
                return f"{self.expression(receiver)}.{name}({self.arguments(arguments)})"
            case ir.Operation(op, operands):
                return self.operation(op, [self.expression(operand) for operand in operands])
            case ir.Pick(value, which):
                end = f".{which}" if isinstance(which, str) else f"[{which}]"
                return self.expression(value) + end
            case ir.Subscript(value, items):
                index = ", ".join(self.index(item) for item in items)
                return f"{self.expression(value)}[{index}]"
            case ir.Sequence(items, brackets):
                inner = ", ".join(self.expression(item) for item in items)
                if brackets == "list":
                    return f"[{inner}]"
                return f"({inner},)" if len(items) == 1 else f"({inner})"
        raise TypeError(f"no lowering makes {node!r}")

    def place(self, build: ir.Build) -> str:
        if build not in self.places:
            place = self.places[build] = f"module_{len(self.places)}"
            self.modules[place] = self.construct(build.construct)
        return self.places[build]

    def construct(self, construct: ir.Construct) -> str:
        given = []
        for argument in construct.arguments:
            if isinstance(argument.value, ir.Construct):
                value = self.construct(argument.value)
            else:
                value = repr(value_of(argument.value, self.names))
            given.append(f"{argument.name}={value}" if argument.keyword else value)
        target = construct.target.rpartition(".")[2] if construct.inline else construct.target
        return f"{target}({', '.join(given)})"

    def arguments(self, arguments: Sequence[ir.Passed]) -> str:
        return ", ".join(
            f"{a.name}={self.expression(a.value)}" if a.name else self.expression(a.value)
            for a in arguments
        )

    def index(self, item: Any) -> str:
        match item:
            case ir.RestItem():
                return "..."
            case ir.SliceItem(start, stop, step):
                bounds = ["" if bound is None else _term(bound) for bound in (start, stop, step)]
                return ":".join(bounds if bounds[2] else bounds[:2])
        return self.expression(item)

    @staticmethod
    def operation(op: str, operands: list[str]) -> str:
        if op in ("neg", "not", "~"):
            return f"({'-' if op == 'neg' else '~'}{operands[0]})"
        spelled = {"and": "&", "or": "|"}.get(op, op)
        return f"({f' {spelled} '.join(operands)})"


def _term(term: Term) -> str:
    match term:
        case Const(value):
            return repr(value)
        case Ref(name):
            return name
        case ListTerm(items):
            return f"[{', '.join(map(_term, items))}]"
        case Item(value, index):
            return f"{_term(value)}[{_term(index)}]"
        case Choice(condition, then, otherwise):
            return f"({_term(then)} if {_term(condition)} else {_term(otherwise)})"
        case FunctionCall(name, args):
            return f"{name}({', '.join(map(_term, args))})"
        case Op("neg", (arg,)):
            return f"(-{_term(arg)})"
        case Op("not", (arg,)):
            return f"(not {_term(arg)})"
        case Op(op, args):
            return f"({f' {op} '.join(map(_term, args))})"
    raise TypeError(f"not a term: {term!r}")
