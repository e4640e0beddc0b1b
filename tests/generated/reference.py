"""A program run straight from its tree, on real tensors: no types, no IR, no modules.

Sizes are those of the tensors, conditions are decided when they are met, loops are run. Weights
come from a state dict by the name that the language gives them: the label of the application, or
a name made of the component and unique in its model, and the number of each loop around it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from specc.syntax import tree
from tests.generated.functional import COMPONENTS, NO_INPUTS, POSITIONAL, VARIADIC, Record

Shown = Callable[[tree.Assign, list[str], Any], None]


@dataclass(frozen=True)
class Recipe:
    """A component or a model, perhaps with settings."""

    target: str | tree.Section
    args: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Shared:
    """One instance of a recipe, under its key."""

    recipe: Recipe
    key: str


class Reference:
    """Runs the models of a file on the weights of ``state``; ``used`` are the keys it asked for."""

    def __init__(self, file: tree.File, state: Mapping[str, Tensor]) -> None:
        self.state = state
        self.used: set[str] = set()
        self.models = {
            s.name.id: s for s in file.body if isinstance(s, tree.Section) and s.name is not None
        }
        self.constants: dict[str, Any] = {}
        top = Run(self, None, {}, "")
        for statement in file.body:
            if isinstance(statement, tree.Assign):
                top.statement(statement)
        self.constants = top.names

    def run(
        self, model: str, inputs: list[Tensor], settings: Mapping[str, Any]
    ) -> dict[str, Tensor]:
        """The outputs of a model by their names."""
        return self.apply(self.models[model], inputs, {}, dict(settings), "")

    def apply(
        self,
        section: tree.Section,
        inputs: list[Tensor],
        named: Mapping[str, Tensor],
        settings: dict[str, Any],
        prefix: str,
    ) -> dict[str, Tensor]:
        run = Run(self, section, settings, prefix)
        run.inputs = [*inputs]
        run.named = named
        run.block(section.body)
        return run.outputs

    def weight(self, prefix: str, key: str) -> Tensor:
        full = f"{prefix}.{key}" if key else prefix
        self.used.add(full)
        return self.state[full]


class Run:
    """One run of the body of a model."""

    def __init__(
        self,
        reference: Reference,
        section: tree.Section | None,
        settings: dict[str, Any],
        prefix: str,
    ) -> None:
        self.reference = reference
        self.prefix = prefix
        self.names: dict[str, Any] = dict(reference.constants)
        self.sites = _sites(section) if section is not None else {}
        self.path: tuple[int, ...] = ()
        self.inputs: list[Tensor] = []
        self.named: Mapping[str, Tensor] = {}
        self.outputs: dict[str, Tensor] = {}
        for parameter in (section.parameters or ()) if section is not None else ():
            word = parameter.name.id
            if word in settings:
                self.names[word] = settings[word]
            else:
                assert parameter.default is not None, word
                self.names[word] = self.value(parameter.default)

    # --- statements ----------------------------------------------------------------------------

    def block(self, body: tuple[tree.Statement, ...]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: tree.Statement) -> None:
        match node:
            case tree.Assign(kind=tree.Name(id="input")):
                word = node.targets[0].id
                value = self.named[word] if word in self.named else self.inputs.pop(0)
                self.bind(node, value)
            case tree.Assign(kind=tree.Name(id="shared")):
                recipe = self.callee(node.value)
                self.names[node.targets[0].id] = Shared(recipe, node.targets[0].id)
            case tree.Assign(kind=kind):
                value = self.value(node.value)
                if len(node.targets) > 1:
                    for target, item in zip(node.targets, value, strict=True):
                        self.names[target.id] = item
                    return
                if kind is not None:
                    value = _tensor(value)
                    self.outputs[node.targets[0].id] = value
                self.bind(node, value)
            case tree.Assert(condition=condition):
                assert self.value(condition)
            case tree.If(branches=branches, otherwise=otherwise):
                for branch in branches:
                    if self.value(branch.condition):
                        return self.block(branch.body)
                self.block(otherwise or ())
            case tree.For(targets=targets, iterable=iterable, index=index, body=body):
                for number, item in enumerate(self.value(iterable)):
                    row = item if len(targets) > 1 else (item,)
                    for target, part in zip(targets, row, strict=True):
                        self.names[target.id] = part
                    self.iteration(number, index, body)
            case tree.Repeat(count=count, index=index, body=body):
                for number in range(self.value(count)):
                    self.iteration(number, index, body)
            case _:
                raise TypeError(node)

    def iteration(
        self, number: int, index: tree.Name | None, body: tuple[tree.Statement, ...]
    ) -> None:
        if index is not None:
            self.names[index.id] = number
        outer, self.path = self.path, (*self.path, number)
        self.block(body)
        self.path = outer

    def bind(self, node: tree.Assign, value: Any) -> None:
        """Bind a name; names of dims that its type introduces take the sizes that are there."""
        self.names[node.targets[0].id] = value
        if node.type is None or node.type.items is None:
            return
        tensor, items = _tensor(value), node.type.items
        rest = next((k for k, d in enumerate(items) if isinstance(d, tree.EllipsisItem)), None)
        for position, item in enumerate(items):
            if position == rest:
                continue
            axis = position if rest is None or position < rest else position - len(items)
            if isinstance(item, tree.Name) and item.id[0].isupper() and item.id not in self.names:
                self.names[item.id] = tensor.shape[axis]
            else:
                assert self.value(item) == tensor.shape[axis]

    # --- expressions ---------------------------------------------------------------------------

    def value(self, node: Any) -> Any:
        match node:
            case tree.IntLiteral() | tree.FloatLiteral() | tree.StringLiteral():
                return node.value
            case tree.BoolLiteral():
                return node.value
            case tree.NoneLiteral():
                return None
            case tree.Name(id=word):
                if word in self.names:
                    return self.names[word]
                return self.callee(node)
            case tree.Paren(inner=inner):
                return self.value(inner)
            case tree.ListExpr(items=items):
                found = [self.value(item) for item in items]
                return [_tensor(v) if isinstance(v, Record) else v for v in found]
            case tree.Attribute(value=owner, name=word):
                found = self.value(owner)
                if isinstance(found, Shared):
                    return self.reference.weight(self.prefix + found.key, word.id)
                return found[word.id]
            case tree.Index(value=value, items=items):
                index = tuple(self.item(item) for item in items)
                owner = self.value(value)
                owner = owner if isinstance(owner, list) else _tensor(owner)
                return owner[index[0] if len(index) == 1 else index]
            case tree.Unary(op=op, operand=operand):
                return _unary(op, _tensor(self.value(operand)))
            case tree.Binary(op=op, left=left, right=right):
                return _binary(op, _tensor(self.value(left)), _tensor(self.value(right)))
            case tree.Ternary(then=then, condition=condition, otherwise=otherwise):
                return self.value(then if self.value(condition) else otherwise)
            case tree.Call(func=tree.Name(id=word), arguments=arguments) if word in _FUNCTIONS:
                return _FUNCTIONS[word](*(self.value(a.value) for a in arguments))
            case tree.Call():
                recipe = self.callee(node)
                if recipe.target in NO_INPUTS:
                    return self.applied(recipe, [], {}, self.sites[id(node)])
                return recipe
            case tree.Pipe(source=source, stages=stages):
                return self.pipe(source, stages)
        raise TypeError(f"not an expression: {node!r}")

    def item(self, node: Any) -> Any:
        match node:
            case tree.EllipsisItem():
                return ...
            case tree.Slice(start=start, stop=stop, step=step):
                return slice(*(None if p is None else self.value(p) for p in (start, stop, step)))
            case _:
                return self.value(node)

    def pipe(self, source: tree.Expr, stages: tuple[tree.Stage, ...]) -> Any:
        named: dict[str, Tensor] = {}
        if isinstance(source, tree.Group):
            pairs = [(item.name, _tensor(self.value(item.value))) for item in source.items]
            named = {word.id: value for word, value in pairs if word is not None}
            value: Any = [value for word, value in pairs if word is None]
        else:
            value = self.value(source)
        for stage in stages:
            inputs = value if isinstance(value, list) else [_tensor(value)]
            target = self.callee(stage.target)
            value = self.applied(target, inputs, named, self.sites[id(stage)])
            named = {}
        return value

    def callee(self, node: Any) -> Any:
        """What is applied: a recipe or a shared instance."""
        match node:
            case tree.Name(id=word):
                found = self.names.get(word)
                if isinstance(found, (Recipe, Shared)):
                    return found
                if word in self.reference.models:
                    return Recipe(self.reference.models[word])
                return Recipe(word)
            case tree.Paren(inner=inner):
                return self.callee(inner)
            case tree.Call(func=func, arguments=arguments):
                base = self.callee(func)
                args = tuple(self.value(a.value) for a in arguments if a.name is None)
                words = tuple((a.name.id, self.value(a.value)) for a in arguments if a.name)
                return Recipe(base.target, base.args + args, base.keywords + words)
        raise TypeError(f"cannot be applied: {node!r}")

    def applied(
        self, target: Recipe | Shared, inputs: list[Any], named: Mapping[str, Tensor], site: str
    ) -> Any:
        if isinstance(target, Shared):
            recipe, key = target.recipe, self.prefix + target.key
        else:
            recipe = target
            key = self.prefix + ".".join([site, *map(str, self.path)])
        settings = dict(recipe.keywords)
        if isinstance(recipe.target, tree.Section):
            words = [p.name.id for p in recipe.target.parameters or ()]
            settings |= dict(zip(words, recipe.args, strict=False))
            inner = self.reference.apply(recipe.target, inputs, named, settings, key + ".")
            return Record(inner) if len(inner) > 1 else next(iter(inner.values()))
        word = recipe.target
        if word in VARIADIC:
            only = recipe.args[0] if len(recipe.args) == 1 else None
            settings[VARIADIC[word]] = only if isinstance(only, list) else list(recipe.args)
        else:
            settings |= dict(zip(POSITIONAL.get(word, ()), recipe.args, strict=False))
        inputs = [*inputs, *named.values()]
        weights = self.reference.weight
        return COMPONENTS[word](inputs, settings, lambda end: weights(key, end))


def _tensor(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, Record) else value


def _unary(op: str, value: Any) -> Any:
    if op == "not":
        return ~value if isinstance(value, Tensor) else not value
    return -value if op == "-" else value


def _binary(op: str, left: Any, right: Any) -> Any:
    if op in ("and", "or"):
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return (torch.logical_and if op == "and" else torch.logical_or)(left, right)
        return (left and right) if op == "and" else (left or right)
    return _OPERATORS[op](left, right)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
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
    "min": min,
    "max": max,
    "sum": sum,
    "abs": abs,
    "round": round,
    "range": lambda *bounds: list(range(*bounds)),
    "zip": lambda *lists: [list(row) for row in zip(*lists, strict=True)],
    "reversed": lambda items: items[::-1],
}


# --- names of submodules -----------------------------------------------------------------------


def _nodes(node: Any) -> Iterator[Any]:
    if isinstance(node, tree.Node):
        yield node
        for name in node.__struct_fields__:
            if name != "span":
                yield from _nodes(getattr(node, name))
    elif isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)


def _last_word(node: Any) -> str:
    match node:
        case tree.Call(func=inner) | tree.Paren(inner=inner):
            return _last_word(inner)
        case tree.Name(id=word) | tree.Attribute(name=tree.Name(id=word)):
            return word
    return "layer"


def _sites(section: tree.Section) -> dict[int, str]:
    """The name of each application in a model: labels first, then derived ones in order."""
    found = list(_nodes(section.body))
    stages = [node for node in found if isinstance(node, tree.Stage)]
    names = {id(s): s.label.id for s in stages if s.label is not None}
    taken = {*names.values()}
    taken |= {
        node.targets[0].id
        for node in found
        if isinstance(node, tree.Assign) and node.kind is not None and node.kind.id == "shared"
    }

    def derive(node: Any, word: str) -> None:
        base = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", word).lower()
        number, free = 1, base
        while free in taken:
            number += 1
            free = f"{base}_{number}"
        taken.add(free)
        names[id(node)] = free

    for stage in stages:
        if stage.label is None:
            derive(stage, _last_word(stage.target))
    for node in found:
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Call):
            derive(node.value, node.targets[0].id)
    return names
