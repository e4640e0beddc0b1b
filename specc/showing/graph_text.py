"""Graphs in the languages of Mermaid and Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from specc.showing.graph import Graph, Kind, Node

_MERMAID: dict[Kind, tuple[str, str]] = {
    "input": ("([", "])"),
    "output": ("([", "])"),
    "layer": ("[", "]"),
    "model": ("[[", "]]"),
    "function": ("(", ")"),
    "operator": ("((", "))"),
}
_DOT: dict[Kind, str] = {
    "input": 'shape=box, style="rounded,filled", fillcolor="#dbeafe"',
    "output": 'shape=box, style="rounded,filled", fillcolor="#dcfce7"',
    "layer": 'shape=box, style=filled, fillcolor="#ffffff"',
    "model": 'shape=box, peripheries=2, style=filled, fillcolor="#fef3c7"',
    "function": 'shape=box, style="rounded,filled", fillcolor="#f1f5f9"',
    "operator": 'shape=circle, style=filled, fillcolor="#f1f5f9"',
}


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart, as Markdown viewers draw it."""

    def box(node: Node) -> str:
        left, right = _MERMAID[node.kind]
        text = "<br/>".join(_mermaid_text(line) for line in (node.title, node.detail) if line)
        return f'n{node.id}{left}"{text}"{right}'

    def loop(number: int) -> str:
        return f'subgraph loop{number}["{_mermaid_text(graph.loops[number])}"]'

    lines = ["flowchart TD", *_nested(graph, box, loop, "end")]
    lines += [f"  n{source} --> n{target}" for source, target in graph.edges]
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """A Graphviz digraph."""

    def box(node: Node) -> str:
        text = "\\n".join(_dot_text(line) for line in (node.title, node.detail) if line)
        return f'n{node.id} [label="{text}", {_DOT[node.kind]}];'

    def loop(number: int) -> str:
        return f'subgraph cluster_{number} {{ label="{_dot_text(graph.loops[number])}";'

    head = [
        f'digraph "{_dot_text(graph.name)}" {{',
        '  graph [fontname="sans-serif"];',
        '  node [fontname="sans-serif", fontsize=11];',
    ]
    lines = [*head, *_nested(graph, box, loop, "}")]
    lines += [f"  n{source} -> n{target};" for source, target in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _nested(
    graph: Graph, box: Callable[[Node], str], loop: Callable[[int], str], end: str
) -> Iterator[str]:
    """The boxes, those of a loop inside of it."""
    open_loops: tuple[int, ...] = ()
    for node in graph.nodes:
        common = 0
        while open_loops[: common + 1] == node.loops[: common + 1] and common < len(node.loops):
            common += 1
        for depth in range(len(open_loops), common, -1):
            yield f"{'  ' * depth}{end}"
        for depth in range(common, len(node.loops)):
            yield f"{'  ' * (depth + 1)}{loop(node.loops[depth])}"
        open_loops = node.loops
        yield f"{'  ' * (len(open_loops) + 1)}{box(node)}"
    for depth in range(len(open_loops), 0, -1):
        yield f"{'  ' * depth}{end}"


def _mermaid_text(text: str) -> str:
    for char, name in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(char, name)
    return text


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
