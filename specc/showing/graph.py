"""The graph of a model: what is computed from what, from the steps of its IR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from specc.analysis.variants import Variant
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.showing.models import type_text
from specc.types.terms import show

Kind = Literal["input", "output", "layer", "model", "function", "operator"]


@dataclass(frozen=True)
class Node:
    """A box. ``loops`` are the loops around it, the outermost first, by their place in `Graph`."""

    id: int
    kind: Kind
    title: str
    detail: str = ""
    loops: tuple[int, ...] = ()


@dataclass
class Graph:
    """Boxes, arrows between them, and the words on each loop."""

    name: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)


def graph_of(variant: Variant) -> Graph:
    """The graph of a model; a loop is drawn once, models inside it are single boxes."""
    drawing = _Drawing(variant)
    for name, type_ in variant.inputs.items():
        drawing.names[name] = [drawing.node("input", name, type_text(type_), ())]
    drawing.run(variant.steps)
    for name, type_ in variant.outputs.items():
        sources = drawing.names.get(name, [])
        drawing.node("output", name, type_text(type_), sources)
    return drawing.graph


class _Drawing:
    def __init__(self, variant: Variant) -> None:
        self.graph = Graph(variant.definition.name)
        self.names: dict[str, list[int]] = {}
        """What each local name stands for: the boxes it comes from."""
        self.loops: tuple[int, ...] = ()
        self.calls: dict[int, list[int]] = {}
        """Calls of this statement that were drawn: the fields of a record share one object."""
        self.components: dict[str, tuple[str, bool, str]] = {}
        for use in variant.layers:
            if use.attribute is not None:
                shapes = " and ".join(dict.fromkeys(map(type_text, use.outputs)))
                known = self.components.get(use.attribute)
                # A layer of a loop may give another size in each iteration.
                text = shapes if known is None or known[2] == shapes else ""
                self.components[use.attribute] = (use.component, use.variant is not None, text)

    def node(self, kind: Kind, title: str, detail: str, sources: Iterable[int]) -> int:
        """Draw a box and the arrows into it."""
        number = len(self.graph.nodes)
        self.graph.nodes.append(Node(number, kind, title, detail, self.loops))
        self.graph.edges += [(source, number) for source in dict.fromkeys(sources)]
        return number

    # --- statements ----------------------------------------------------------------------------

    def run(self, body: Iterable[steps.Step]) -> None:
        for step in body:
            match step:
                case steps.Let():
                    self.calls = {}
                    found = self.expr(step.value)
                    for target in step.targets:
                        self.names[target] = found
                case steps.Loop():
                    self.loop(step)
                case steps.Scan():
                    self.scan(step)
                case steps.Decide():
                    self.decide(step)
                case _:
                    pass

    def loop(self, step: steps.Loop) -> None:
        outer = self.loops
        self.loops = (*outer, len(self.graph.loops))
        if step.repeats:
            text = f"repeat {show(step.iterable)}"
        else:
            text = f"for {', '.join(step.targets)} in {show(step.iterable)}"
        count = f" ({step.iterations} times)"
        self.graph.loops.append(text if text == f"repeat {step.iterations}" else text + count)
        self.run(step.body)
        self.loops = outer

    def scan(self, step: steps.Scan) -> None:
        """Its body once, in a frame of its own; each step's tensors come from the sequences."""
        for target, sequence in zip(step.targets, step.sequences, strict=True):
            self.names[target] = self.expr(sequence)
        outer = self.loops
        self.loops = (*outer, len(self.graph.loops))
        self.graph.loops.append(f"scan {', '.join(step.targets)}")
        self.run(step.body)
        self.loops = outer

    def decide(self, step: steps.Decide) -> None:
        """The side that is taken; of an open condition both, which then meet again."""
        before = dict(self.names)
        self.run(step.then or ())
        after, self.names = self.names, before
        self.run(step.otherwise or ())
        for name, found in after.items():
            here = self.names.get(name, [])
            self.names[name] = list(dict.fromkeys((*here, *found))) if here != found else here

    # --- expressions ---------------------------------------------------------------------------

    def expr(self, node: ir.Expr) -> list[int]:
        """The boxes that an expression's value comes from."""
        if id(node) in self.calls:
            return self.calls[id(node)]
        found = self._expr(node)
        if isinstance(node, (ir.Apply, ir.Function)):
            self.calls[id(node)] = found
        return found

    def _expr(self, node: ir.Expr) -> list[int]:
        match node:
            case ir.Local(name):
                return self.names.get(name, [])
            case ir.Submodule(path):
                return [self.node("layer", path, "", ())]
            case ir.Apply(ir.Submodule(path), arguments):
                attribute = path.partition(".")[0]
                component, is_model, detail = self.components.get(attribute, (path, False, ""))
                title = component if attribute == component else f"{attribute}: {component}"
                return [
                    self.node("model" if is_model else "layer", title, detail, self.all(arguments))
                ]
            case ir.Apply(_, arguments):
                return [self.node("layer", "?", "", self.all(arguments))]
            case ir.Function(target, arguments):
                title = target.rpartition(".")[2]
                return [self.node("function", title, "", self.all(arguments))]
            case ir.Method(name, receiver, arguments):
                sources = [*self.expr(receiver), *self.all(arguments)]
                return [self.node("function", name, "", sources)]
            case ir.Operation(op, operands):
                sources = [source for operand in operands for source in self.expr(operand)]
                title = {"neg": "-", "*": "\u00d7"}.get(op, op)
                return [self.node("operator", title, "", sources)] if sources else []
            case ir.Pick(value):
                return self.expr(value)
            case ir.Subscript(value):
                return [self.node("operator", "[ ]", "", self.expr(value))]
            case ir.Sequence(items):
                return [source for item in items for source in self.expr(item)]
            case ir.Choose(_, then, otherwise):
                sides = [side for side in (then, otherwise) if side is not None]
                return [source for side in sides for source in self.expr(side)]
            case _:
                return []

    def all(self, arguments: Iterable[ir.Passed]) -> list[int]:
        return [source for argument in arguments for source in self.expr(argument.value)]
