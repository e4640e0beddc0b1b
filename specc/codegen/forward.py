"""The ``forward`` of an emitted class."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial

from specc.analysis.definitions import MODULE_ATTRIBUTES
from specc.codegen import syntax as py
from specc.codegen.names import Names, all_sites, nearest
from specc.codegen.picks import Path, left_of, pick
from specc.codegen.reads import read_outside, used_names
from specc.codegen.targets import Imports
from specc.codegen.terms import operation, python
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import FunctionCall, Ref, Term, names, show

WIDTH = 88


class Forward:
    """Emits statements over tensors. ``comments`` maps emitted statements to their types."""

    def __init__(self, model: steps.Model, python_names: Names, imports: Imports) -> None:
        self.model = model
        self.names = python_names
        self.imports = imports
        self.parameters = {p.name for p in model.parameters}
        self.stored: dict[str, str] = {}
        """Parameters that are read here, and the attributes that keep them."""
        self.attributes = {site.attribute for site in all_sites(model.body)} | MODULE_ATTRIBUTES
        self.comments: dict[int, str] = {}
        self.elements: dict[str, str] = {}
        """Inside loops: the loop variable that holds a list's element."""
        self.shapes: dict[str, str] = {}
        self.used = used_names(model)
        self.read = {node.name for node in ir.walk(model.body) if isinstance(node, ir.Local)}
        self.root = "self."
        self.parts: dict[str, Path] = {}
        """What the names of whole results stand for, where only a part of them is used."""
        self.constants: dict[str, int] = {}
        """Sizes that are numbers wherever this is emitted for."""

    # --- the method ----------------------------------------------------------------------------

    def body(self, result: ast.expr) -> list[ast.stmt]:
        """All statements, the return included."""
        found: list[ast.stmt] = []
        for each in self.model.inputs:
            axes = [(str(t.name), axis) for axis, t in enumerate(each.dims) if isinstance(t, Ref)]
            found += self.name_axes(each.name, axes, len(each.dims))
        found += self.block(self.model.body)
        return [*found, ast.Return(result)]

    def outputs(self, record: str | None) -> ast.expr:
        """What the method returns: a tensor, or the named tuple ``record``."""
        values = [py.name(self.names.python[output]) for output in self.model.outputs]
        return values[0] if record is None else py.call(py.name(record), *values)

    def name_axes(self, tensor: str, axes: Sequence[tuple[str, int]], rank: int) -> list[ast.stmt]:
        """``b, _, h, w = x.shape`` for the names that `forward` reads."""
        wanted = [(n, a) for n, a in axes if n in self.used and n not in self.shapes]
        wanted = [(n, a) for n, a in wanted if n not in self.parameters]
        if not wanted:
            return []
        for name, _ in wanted:
            self.shapes[name] = self.names.add(f"shape {name}", _axis_word(name))
        shape = ast.Attribute(py.name(self.names.python[tensor]), "shape", ast.Load())
        if len(wanted) == 1 or rank > 6:
            return [
                py.assign(self.shapes[n], ast.Subscript(shape, ast.Constant(a), ast.Load()))
                for n, a in wanted
            ]
        by_axis = {axis: self.shapes[name] for name, axis in wanted}
        return [py.assign_many([by_axis.get(axis, "_") for axis in range(rank)], shape)]

    def lookup(self, name: str) -> ast.expr:
        """A plain name as `forward` reads it."""
        if name in self.constants:
            return ast.Constant(self.constants[name])
        if name in self.shapes:
            return py.name(self.shapes[name])
        if name in self.parameters:
            return py.name(f"{self.root}{self.store(name)}")
        if name in self.names.python:
            return py.name(self.names.python[name])
        tensor, _, axis = name.split("@", maxsplit=1)[0].rpartition(".")
        if tensor in self.names.python and axis.isdigit():
            shape = ast.Attribute(py.name(self.names.python[tensor]), "shape", ast.Load())
            return ast.Subscript(shape, ast.Constant(int(axis)), ast.Load())
        raise KeyError(f"{name} is not visible in the forward of {self.model.name}")

    def store(self, parameter: str) -> str:
        """The attribute that keeps a parameter: its name, where no submodule or method has it."""
        if parameter not in self.stored:
            wanted = self.names.python[parameter].lstrip("_") or "value"
            self.stored[parameter] = nearest(wanted, self.attributes)
            self.attributes |= {self.stored[parameter]}
        return self.stored[parameter]

    # --- steps ---------------------------------------------------------------------------------

    def block(self, body: tuple[steps.Step, ...]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for step in body:
            match step:
                case steps.Let():
                    found += self.let(step)
                case steps.Bind() if step.name in self.used:
                    target = self.names.python[step.name]
                    found.append(py.assign(target, python(step.term, self.lookup)))
                case steps.NameDims():
                    axes = [(name, axis) for name, axis, _ in step.axes]
                    found += self.name_axes(step.tensor, axes, step.rank)
                case steps.Decide():
                    found += self.decide(step)
                case steps.Loop():
                    found += self.loop(step)
                case steps.Scan():
                    found += self.scan(step)
                case _:
                    pass
        return found

    def let(self, step: steps.Let) -> list[ast.stmt]:
        targets = [self.names.python[target] for target in step.targets]
        if step.value == ir.Sequence(()) and step.targets[0] not in self.read:
            return []  # it became a list of plain values
        if len(targets) == 1:
            if (
                isinstance(step.value, ir.Local)
                and self.names.python[step.value.name] == targets[0]
            ):
                return []
            value = pick(step.value, self.parts.get(step.targets[0], ()))
            found = self.chain(targets[0], self.expr(value))
        else:
            found = [py.assign_many(targets, self.expr(step.value))]
        if step.types:
            self.comments[id(found[-1])] = ", ".join(map(shown, step.types))
        return found

    def chain(self, target: str, value: ast.expr) -> list[ast.stmt]:
        """``target = value``, in several steps where one line would be too long."""
        statement = py.assign(target, value)
        if len(ast.unparse(statement)) + 8 <= WIDTH:
            return [statement]
        inner = _innermost(value)
        if inner is None:
            return [statement]
        first, set_first = inner
        others = [n for n in ast.walk(value) if isinstance(n, ast.Name) and n.id == target]
        inside = [n for n in ast.walk(first) if isinstance(n, ast.Name) and n.id == target]
        if len(others) > len(inside):
            return [statement]  # the rest still needs what the name held before
        before = self.chain(target, first)
        set_first(ast.Name(target, ast.Load()))
        return [*before, py.assign(target, value)]

    def decide(self, step: steps.Decide) -> list[ast.stmt]:
        if step.then is None or step.otherwise is None:
            return self.block((step.otherwise if step.then is None else step.then) or ())
        then, other = self.block(step.then), self.block(step.otherwise)
        if not then and not other:
            return []
        condition = self.condition(step)
        match then, other:
            case [ast.Assign() as one], [ast.Assign() as two] if not all_sites((step,)):
                if ast.dump(one.targets[0]) == ast.dump(two.targets[0]):
                    return [self.ternary(condition, one, two)]
        if not then:
            return [ast.If(_negated(condition), other, [])]
        return [ast.If(condition, then, other)]

    def ternary(self, condition: ast.expr, then: ast.Assign, other: ast.Assign) -> ast.stmt:
        """``x = a if condition else b``, for two ways to compute one name."""
        made = ast.Assign(
            then.targets, ast.IfExp(condition, then.value, other.value), lineno=then.lineno
        )
        types = {self.comments.pop(id(each), None) for each in (then, other)}
        if len(types) == 1 and None not in types:
            self.comments[id(made)] = types.pop() or ""
        return made

    def condition(self, step: steps.Decide) -> ast.expr:
        """A submodule that may be absent is asked for; else the condition is evaluated."""
        for side, present in ((step.then, ast.IsNot()), (step.otherwise, ast.Is())):
            for site in all_sites(side or ()):
                if site.constructs and site.attribute not in self.elements and not site.listed:
                    attribute = py.name(f"{self.root}{site.attribute}")
                    return ast.Compare(attribute, [present], [ast.Constant(None)])
        return python(step.condition, self.lookup)

    def loop(self, step: steps.Loop) -> list[ast.stmt]:
        """A loop over module lists, side by side with the plain values that are read inside."""
        if not step.iterations:
            return []
        attributes = [site.attribute for site in all_sites(step.body) if site.constructs]
        outer = dict(self.elements)
        iterables: list[ast.expr] = []
        elements: list[str] = []
        for attribute in attributes:
            source = outer.get(attribute)
            iterables.append(py.name(source) if source else py.name(f"{self.root}{attribute}"))
            self.elements[attribute] = self.names.fresh(attribute)
            elements.append(self.elements[attribute])
        body = self.block(step.body)
        self.elements = outer
        if not body:
            return []
        read = {n.id for stmt in body for n in ast.walk(stmt) if isinstance(n, ast.Name)}
        index = self.names.python[step.index] if step.index else None
        targets = [self.names.python[target] for target in step.targets]
        if elements and index is None and len(targets) == 1 and _counts(step.iterable):
            index, targets = targets[0], []  # TorchScript counts modules with `enumerate` alone
        patterns: list[ast.expr] = [py.pattern([element]) for element in elements]
        if any(target in read for target in targets):
            patterns.insert(0, py.pattern([t if t in read else "_" for t in targets]))
            iterables.insert(0, python(step.iterable, self.lookup))
        if not iterables:
            over = python(step.iterable, self.lookup)
            if step.repeats:
                header = py.pattern([index if index in read and index else "_"])
                return [py.loop_over(header, py.call(py.name("range"), over), body)]
            patterns, iterables = [py.pattern(["_"])], [over]
        if len(iterables) == 1:
            target, iterable = patterns[0], iterables[0]
        else:
            target = ast.Tuple(patterns, ast.Store())
            iterable = py.call(py.name("zip"), *iterables)
        if index is not None and index in read:
            target = ast.Tuple([py.pattern([index]), target], ast.Store())
            iterable = py.call(py.name("enumerate"), iterable)
        return [py.loop_over(target, iterable, body)]

    def scan(self, step: steps.Scan) -> list[ast.stmt]:
        """A plain loop along dim 1; what is read after it is gathered and stacked."""
        outside = read_outside(self.model, step)
        gathered = {
            name: self.names.fresh(f"{name}_steps") for name in step.stacked if name in outside
        }
        sequences = [self.expr(sequence) for sequence in step.sequences]
        at = self.names.fresh("t")
        every = ast.Tuple([ast.Slice(), py.name(at)], ast.Load())
        body: list[ast.stmt] = [
            py.assign(self.names.python[target], ast.Subscript(sequence, every, ast.Load()))
            for target, sequence in zip(step.targets, sequences, strict=True)
        ]
        body += self.block(step.body)
        for name, steps_name in gathered.items():
            value = py.name(self.names.python[name])
            body.append(py.expression(py.method(py.name(steps_name), "append", value)))
        length = ast.Subscript(
            ast.Attribute(sequences[0], "shape", ast.Load()), ast.Constant(1), ast.Load()
        )
        before = [py.assign(name, ast.List([], ast.Load())) for name in gathered.values()]
        count = py.call(py.name("range"), length)
        after = [
            py.assign(
                self.names.python[name],
                py.call(
                    py.name(self.imports.reference("torch.stack", False)),
                    py.name(steps_name),
                    dim=ast.Constant(1),
                ),
            )
            for name, steps_name in gathered.items()
        ]
        return [*before, py.loop_over(py.pattern([at]), count, body), *after]

    # --- expressions ---------------------------------------------------------------------------

    def expr(self, node: ir.Expr) -> ast.expr:
        match node:
            case ir.Local(name=name):
                return py.name(self.names.python[name])
            case ir.Plain(term=term):
                return python(term, self.lookup, argument=True)
            case ir.Submodule(path=path):
                first, _, rest = path.partition(".")
                base = self.elements.get(first, f"{self.root}{first}")
                return py.name(f"{base}.{rest}" if rest else base)
            case ir.Apply(callee=callee, arguments=arguments):
                return self.call(self.expr(callee), arguments)
            case ir.Function(target=target, arguments=arguments, inline=inline):
                return self.call(py.name(self.imports.reference(target, inline)), arguments)
            case ir.Method(name=name, receiver=receiver, arguments=arguments):
                func = ast.Attribute(self.expr(receiver), name, ast.Load())
                return self.call(func, arguments)
            case ir.Operation(op=op, operands=operands):
                return operation(op, [self.expr(operand) for operand in operands])
            case ir.Pick(value=value, which=which):
                part = left_of(node, self.parts)
                if part is not None:
                    found = self.expr(part[0])
                    for position in part[1]:
                        found = ast.Subscript(found, ast.Constant(position), ast.Load())
                    return found
                inner = self.expr(value)
                if isinstance(which, str):
                    return ast.Attribute(inner, which, ast.Load())
                return ast.Subscript(inner, ast.Constant(which), ast.Load())
            case ir.Subscript(value=value, items=items):
                index = [self.item(item) for item in items]
                key = index[0] if len(index) == 1 else ast.Tuple(index, ast.Load())
                return ast.Subscript(self.expr(value), key, ast.Load())
            case ir.Sequence(items=items, brackets=brackets):
                inside = [self.expr(item) for item in items]
                return (ast.List if brackets == "list" else ast.Tuple)(inside, ast.Load())
            case ir.Choose():
                return self.choose(node)
            case ir.Device():
                if self.model.inputs:
                    return py.name(f"{self.names.python[self.model.inputs[0].name]}.device")
                parameters = py.call(py.name(f"{self.root}parameters"))
                first_one = py.call(py.name("next"), parameters)
                return ast.Attribute(first_one, "device", ast.Load())
            case ir.Build():
                raise TypeError("a construct was not given its place")

    def choose(self, node: ir.Choose) -> ast.expr:
        if node.then is None or node.otherwise is None:
            side = node.otherwise if node.then is None else node.then
            assert side is not None
            return self.expr(side)
        return ast.IfExp(
            python(node.condition, self.lookup), self.expr(node.then), self.expr(node.otherwise)
        )

    def call(self, func: ast.expr, arguments: Sequence[ir.Passed]) -> ast.expr:
        positional = [self.expr(each.value) for each in arguments if each.name is None]
        named = {each.name: self.expr(each.value) for each in arguments if each.name is not None}
        return py.call(func, *positional, **named)

    def item(self, item: ir.Expr | ir.SliceItem | ir.RestItem) -> ast.expr:
        match item:
            case ir.SliceItem(start=start, stop=stop, step=step):
                return ast.Slice(self.optional(start), self.optional(stop), self.optional(step))
            case ir.RestItem():
                return ast.Constant(...)
            case _:
                return self.expr(item)

    def optional(self, term: Term | None) -> ast.expr | None:
        return None if term is None else python(term, self.lookup)


def _counts(iterable: Term) -> bool:
    """Whether it is ``range(n)``."""
    return (
        isinstance(iterable, FunctionCall) and iterable.name == "range" and len(iterable.args) == 1
    )


def _innermost(value: ast.expr) -> tuple[ast.Call, Callable[[ast.expr], None]] | None:
    """The call that a call, perhaps behind an index, is made on, and how to replace it there."""
    while isinstance(value, (ast.Subscript, ast.Attribute)):
        value = value.value
    if not isinstance(value, ast.Call):
        return None
    method, arguments = value.func, value.args
    if isinstance(method, ast.Attribute) and isinstance(method.value, ast.Call):
        return method.value, partial(setattr, method, "value")
    if arguments and isinstance(arguments[0], ast.Call):
        return arguments[0], partial(arguments.__setitem__, 0)
    return None


def _negated(condition: ast.expr) -> ast.expr:
    if isinstance(condition, ast.Compare) and isinstance(condition.ops[0], (ast.Is, ast.IsNot)):
        op = ast.IsNot() if isinstance(condition.ops[0], ast.Is) else ast.Is()
        return ast.Compare(condition.left, [op], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)


def _axis_word(name: str) -> str:
    return name.split("@", maxsplit=1)[0].replace(".", "_").lower()


def shown(type_: steps.ShownType) -> str:
    """A type as a comment: ``float[B, 64, H, W]``."""
    dims = ", ".join(_shown_dim(term) for term in type_.dims)
    return f"{type_.element}[{dims}]"


def _shown_dim(term: Term) -> str:
    return (
        "_" if any("@" in name or "." in name for name in names(term)) else show(term, compact=True)
    )
