"""The ``__init__`` of an emitted class: submodules, in the order of the spec."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from specc.codegen import syntax as py
from specc.codegen.classes import Written
from specc.codegen.names import Names, all_sites, word_for
from specc.codegen.targets import Imports
from specc.codegen.terms import python
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import Term, names

_PARAMETER = "torch.nn.Parameter"


@dataclass(frozen=True)
class Classes:
    """What is known of the classes: how they are written, and the words of those emitted before."""

    written: Mapping[str, Written]
    words: dict[str, dict[str, str]]


class Constructor:
    """Emits ``__init__``."""

    def __init__(
        self,
        model: steps.Model,
        python_names: Names,
        imports: Imports,
        classes: Classes,
        needed: frozenset[str],
    ) -> None:
        self.model = model
        self.names = python_names
        self.imports = imports
        self.classes = classes
        self.needed = needed
        self.words = {dim: word_for(dim, model, classes.words) for dim in model.dim_names}
        self.dims: dict[str, Term] = {}
        """Dim names of annotations, by what they stand for in the constructor."""
        self._row: dict[str, str] = {}
        """Inside nested loops: the list of the current row of a submodule."""
        self.arguments = {dim: self._argument(dim, word) for dim, word in self.words.items()}

    def function(self, stored: Mapping[str, str]) -> ast.stmt:
        """The whole method; ``stored`` are the parameters that `forward` reads, as attributes."""
        body: list[ast.stmt] = [py.expression(py.method(py.call(py.name("super")), "__init__"))]
        for name, attribute in stored.items():
            body.append(py.assign(f"self.{attribute}", py.name(self.names.python[name])))
        body += self.block(self.model.body, ())
        return ast.FunctionDef("__init__", self._signature(), body, [], lineno=0)

    def _signature(self) -> ast.arguments:
        arguments = [ast.arg("self")]
        arguments += [ast.arg(name, py.name("int")) for name in self.arguments.values()]
        required = [p for p in self.model.parameters if p.default is None]
        optional = [p for p in self.model.parameters if p.default is not None]
        for parameter in (*required, *optional):
            kind = ast.parse(parameter.type.replace(" ", ""), mode="eval").body
            arguments.append(ast.arg(self.names.python[parameter.name], kind))
        defaults = [
            python(p.default, self.lookup, argument=True) for p in optional if p.default is not None
        ]
        return ast.arguments([], arguments, None, [], [], None, defaults)

    def _argument(self, dim: str, word: str) -> str:
        """The argument for a dim; `forward` may have the same name for what is the same size."""
        same = self.names.python.get(f"shape {dim}")
        return word if same == word else self.names.fresh(word)

    def lookup(self, name: str) -> ast.expr:
        """A name of the spec as the constructor reads it."""
        if name in self.arguments:
            return py.name(self.arguments[name])
        if name in self.dims:
            return python(self.dims[name], self.lookup)
        if name in self.names.python:
            return py.name(self.names.python[name])
        raise KeyError(f"{name} is not visible in the constructor of {self.model.name}")

    # --- steps ---------------------------------------------------------------------------------

    def block(self, body: tuple[steps.Step, ...], lists: tuple[str, ...]) -> list[ast.stmt]:
        """The statements of a body; inside a loop ``lists`` is not empty."""
        found: list[ast.stmt] = []
        for step in body:
            match step:
                case steps.Let():
                    for site in step.sites:
                        found += self.site(site, bool(lists))
                case steps.Declare():
                    found += self.site(step.site, bool(lists))
                case steps.Bind() if step.name in self.needed:
                    found.append(
                        py.assign(self.names.python[step.name], python(step.term, self.lookup))
                    )
                case steps.NameDims():
                    for name, _, term in step.axes:
                        self.dims[name] = term
                case steps.Decide():
                    found += self.decide(step, lists)
                case steps.Loop():
                    found += self.loop(step, lists)
                case steps.Scan():
                    found += self.block(step.body, lists)
                case _:
                    pass
        return found

    def site(self, site: steps.Site, in_loop: bool) -> list[ast.stmt]:
        """The creation of one submodule."""
        if not site.constructs:
            return []
        if site.listed or (site.each and not in_loop):
            items = [self.construct(each) for each in site.constructs]
            return [py.assign(f"self.{site.attribute}", self.module_list(site, items))]
        if site.each:
            return []  # written out before the loop
        value = self.construct(site.constructs[0])
        if not in_loop:
            return [py.assign(f"self.{site.attribute}", value)]
        target = py.name(self._row.get(site.attribute, f"self.{site.attribute}"))
        return [py.expression(py.method(target, "append", value))]

    def module_list(self, site: steps.Site, items: list[ast.expr] | None) -> ast.expr:
        """``nn.ModuleList(items)``, or the list of parameters."""
        first = next(c for c in site.constructs if c is not None)
        bare = isinstance(first, ir.Construct) and first.target == _PARAMETER
        kind = py.name("nn.ParameterList" if bare else "nn.ModuleList")
        return py.call(kind, *([] if items is None else [ast.List(items, ast.Load())]))

    def construct(self, construct: steps.Built | None) -> ast.expr:
        """A constructor call; ``nn.Identity()`` where an iteration has none."""
        if construct is None:
            return py.call(py.name("nn.Identity"))
        if isinstance(construct, ir.ListConstruct):
            items: list[ast.expr] = [self.construct(each) for each in construct.items]
            return py.call(py.name("nn.ModuleList"), ast.List(items, ast.Load()))
        args: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        words: Mapping[str, str] = {}
        if isinstance(construct, ir.ModelConstruct):
            this = self.classes.written[construct.model]
            func, words = this.name, this.parameters
            args += [python(term, self.lookup) for _, term in construct.dims]
        else:
            func = self.imports.reference(construct.target, construct.inline)
        for given in construct.arguments:
            value = (
                self.construct(given.value)
                if isinstance(given.value, (ir.Construct, ir.ModelConstruct))
                else python(given.value, self.lookup, argument=True)
            )
            if given.keyword:
                keywords[words.get(given.name, given.name)] = value
            else:
                args.append(value)
        return py.call(py.name(func), *args, **keywords)

    # --- control -------------------------------------------------------------------------------

    def decide(self, step: steps.Decide, lists: tuple[str, ...]) -> list[ast.stmt]:
        """A condition: what a side does not create is ``None`` (in a loop: an identity)."""
        then_sites = all_sites(step.then or ())
        other_sites = all_sites(step.otherwise or ())
        then = self.block(step.then or (), lists) + self.absent(other_sites, bool(lists))
        other = self.block(step.otherwise or (), lists) + self.absent(then_sites, bool(lists))
        condition = python(step.condition, self.lookup) if then or other else None
        if step.then is None or step.otherwise is None:
            # Types were inferred for one side only: the class does not pretend to know the other.
            condition = python(step.condition, self.lookup)
            text = ast.unparse(condition)
            wrong = condition if step.then is None else ast.UnaryOp(ast.Not(), condition)
            message = f"{self.model.name} is used with {'not ' * (step.then is None)}{text} only"
            error = py.call(py.name("ValueError"), ast.Constant(message))
            guard: list[ast.stmt] = [ast.If(wrong, [ast.Raise(error)], [])]
            return guard + (other if step.then is None else then)
        if condition is None:
            return []
        if not then:
            return [ast.If(ast.UnaryOp(ast.Not(), condition), other, [])]
        return [ast.If(condition, then, other)]

    def absent(self, sites: list[steps.Site], in_loop: bool) -> list[ast.stmt]:
        """What stands for submodules that are not created here."""
        found: list[ast.stmt] = []
        for site in sites:
            if not site.constructs:
                continue
            if in_loop:
                if not site.each:
                    target = py.name(self._row.get(site.attribute, f"self.{site.attribute}"))
                    found.append(py.expression(py.method(target, "append", self.construct(None))))
            else:
                found.append(py.assign(f"self.{site.attribute}", ast.Constant(None)))
        return found

    def loop(self, step: steps.Loop, lists: tuple[str, ...]) -> list[ast.stmt]:
        """A loop that fills module lists."""
        sites = all_sites(step.body)
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        outer, rows = self._row, dict(self._row)
        for site in sites:
            if not site.constructs:
                continue
            if site.each:
                if not lists:  # inner lists are written inside the outer one
                    items = [self.construct(each) for each in site.constructs]
                    whole = self.module_list(site, items)
                    before.append(py.assign(f"self.{site.attribute}", whole))
            else:
                empty = self.module_list(site, None)
                if lists:
                    row = self.names.fresh(f"{site.attribute}_row")
                    before.append(py.assign(row, empty))
                    target = py.name(outer.get(site.attribute, f"self.{site.attribute}"))
                    after.append(py.expression(py.method(target, "append", py.name(row))))
                    rows[site.attribute] = row
                else:
                    before.append(py.assign(f"self.{site.attribute}", empty))
        carried = [c for c in step.carried if c.name in self.needed]
        for each in carried:
            word = word_for(each.name, self.model, self.classes.words)
            name = self.names.add(each.name, word)
            before.append(py.assign(name, python(each.initial, self.lookup)))
        self._row = rows
        body = self.block(step.body, (*lists, "loop"))
        self._row = outer
        body += self.carry(carried)
        if not body:
            return before + after
        used = _read(body)
        return [*before, py.loop_over(*self.header(step, used), body), *after]

    def carry(self, carried: list[steps.Carried]) -> list[ast.stmt]:
        """What the next iteration enters with: at once where one size needs another's old value."""
        targets = [self.names.python[each.name] for each in carried]
        values = [python(each.following, self.lookup) for each in carried]
        for number, each in enumerate(carried):
            if any(each.name in names(later.following) for later in carried[number + 1 :]):
                return [py.assign_many(targets, ast.Tuple(values, ast.Load()))]
        return [py.assign(*pair) for pair in zip(targets, values, strict=True)]

    def header(self, step: steps.Loop, used: set[str]) -> tuple[ast.expr, ast.expr]:
        """Targets and iterable of a loop over plain values."""
        iterable = python(step.iterable, self.lookup)
        index = self.names.python.get(step.index) if step.index else None
        if step.repeats:
            target = index if index in used and index else "_"
            return py.pattern([target]), py.call(py.name("range"), iterable)
        targets = [self.names.python[t] for t in step.targets]
        plain = py.pattern([t if t in used else "_" for t in targets])
        if index is None or index not in used:
            return plain, iterable
        pair = ast.Tuple([py.pattern([index]), plain], ast.Store())
        return pair, py.call(py.name("enumerate"), iterable)


def _read(body: list[ast.stmt]) -> set[str]:
    """Every name that statements mention."""
    return {node.id for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.Name)}
