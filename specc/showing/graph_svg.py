"""Graphs as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from specc.showing.graph import Graph, Kind, Node
from specc.showing.layout import place

HEIGHT = 38.0
ROUND = 30.0
LAYER = 66.0
MARGIN = 24.0
PAD = 14.0
TITLE = 18.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    """The middle of every box, and the points that every arrow passes, in the picture."""

    middles: Mapping[int, Point]
    bends: Mapping[tuple[int, int], Sequence[Point]]


_COLORS: dict[Kind, tuple[str, str, str]] = {
    "input": ("#dbeafe", "#1e3a5f", "#3b82f6"),
    "output": ("#dcfce7", "#14452f", "#22a55a"),
    "layer": ("#ffffff", "#28313b", "#64748b"),
    "model": ("#fef3c7", "#453510", "#d08a0c"),
    "function": ("#f1f5f9", "#1a212a", "#94a3b8"),
    "operator": ("#f1f5f9", "#1a212a", "#94a3b8"),
}
"""What fills a box in light and in dark, and the line around it."""

# Every rule is about what lies in the picture: it may stand inside of a page.
_LIGHT = (
    ".graph text{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px;"
    "text-anchor:middle;fill:#0f172a}"
    ".graph .type{font-size:10px;fill:#475569}"
    ".graph .loop{font-size:11px;text-anchor:start;fill:#64748b;paint-order:stroke;stroke:#f8fafc;"
    "stroke-width:4px}"
    ".graph .edge{fill:none;stroke:#64748b;stroke-width:1.2}"
    ".graph .head{fill:#64748b}"
    ".graph .ground{fill:#ffffff}"
    ".graph .frame{fill:#f8fafc;stroke:#94a3b8;stroke-dasharray:4 3}"
) + "".join(
    f".graph .{kind}{{fill:{light};stroke:{line}}}" for kind, (light, _, line) in _COLORS.items()
)
_DARK = (
    ".graph text{fill:#e6ebf1}.graph .type,.graph .loop{fill:#9aa7b5}"
    ".graph .loop{stroke:#151b22}.graph .edge{stroke:#9aa7b5}.graph .head{fill:#9aa7b5}"
    ".graph .ground{fill:#11161c}.graph .frame{fill:#151b22}"
) + "".join(f".graph .{kind}{{fill:{dark}}}" for kind, (_, dark, _) in _COLORS.items())
_STYLE = f"{_LIGHT}@media (prefers-color-scheme:dark){{{_DARK}}}"
_ARROW = (
    '<marker id="{}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path class="head" d="M0 0.8 L7.2 4 L0 7.2 z"/></marker>'
)


def svg(graph: Graph) -> str:
    """An SVG document of its own, without scripts or references."""
    head = f"arrow-{graph.name}"  # several graphs may stand in one page
    layered = place({node.id: _width(node) for node in graph.nodes}, graph.edges)
    heights = _heights(graph, {node.id: layered.middles[node.id][1] for node in graph.nodes})
    middles = {n: (x, heights[layer]) for n, (x, layer) in layered.middles.items()}
    bends = {
        edge: [(x, heights[layer]) for x, layer in points] for edge, points in layered.bends.items()
    }
    placed = Placed(middles, bends)
    frames = _frames(graph, placed)
    left, top, right, bottom = _around(graph, placed, list(frames.values()))
    width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    box = f"{left - MARGIN:.0f} {top - MARGIN:.0f} {width:.0f} {height:.0f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" viewBox="{box}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">',
        f"<title>{escape(graph.name)}</title>",
        f"<style>{_STYLE}</style><defs>{_ARROW.format(head)}</defs>",
        f'<rect x="{left - MARGIN:.0f}" y="{top - MARGIN:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" class="ground"/>',
    ]
    lines += [_frame(frames[loop]) for loop in sorted(frames)]
    kinds = {node.id: node for node in graph.nodes}
    for (source, target), points in placed.bends.items():
        lines.append(_arrow(points, _tall(kinds[source]), _tall(kinds[target]), head))
    lines += [_title(graph.loops[loop], frames[loop]) for loop in sorted(frames)]
    lines += [_node(node, placed.middles[node.id]) for node in graph.nodes]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _heights(graph: Graph, layer_of: Mapping[int, int]) -> list[float]:
    """How far down each layer stands; where loops begin and end there is more room."""
    layers = max(layer_of.values(), default=0) + 1
    room = [0.0] * (layers + 1)
    for loop in range(len(graph.loops)):
        inside = [layer_of[node.id] for node in graph.nodes if loop in node.loops]
        if inside:
            room[min(inside)] += TITLE + PAD / 2
            room[max(inside) + 1] += PAD
    found = [0.0]
    for layer in range(1, layers):
        found.append(found[-1] + LAYER + room[layer])
    return found


def _width(node: Node) -> float:
    if node.kind == "operator":
        return ROUND
    return max(len(node.title) * 7.0, len(node.detail) * 5.8) + 26


def _tall(node: Node) -> float:
    return ROUND if node.kind == "operator" else HEIGHT


def _node(node: Node, middle: Point) -> str:
    x, y = middle
    paint = f'class="{node.kind}"'
    if node.kind == "operator":
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{ROUND / 2}" {paint}/>'
        return f'{shape}<text x="{x:.1f}" y="{y + 4:.1f}">{escape(node.title)}</text>'
    width = _width(node)
    corner = {"input": 19, "output": 19, "function": 10}.get(node.kind, 4)
    shape = (
        f'<rect x="{x - width / 2:.1f}" y="{y - HEIGHT / 2:.1f}" width="{width:.1f}" '
        f'height="{HEIGHT}" rx="{corner}" {paint}/>'
    )
    if not node.detail:
        return f'{shape}<text x="{x:.1f}" y="{y + 4:.1f}">{escape(node.title)}</text>'
    return (
        f'{shape}<text x="{x:.1f}" y="{y - 3:.1f}">{escape(node.title)}</text>'
        f'<text class="type" x="{x:.1f}" y="{y + 12:.1f}">{escape(node.detail)}</text>'
    )


def _arrow(points: Sequence[Point], from_height: float, to_height: float, head: str) -> str:
    """A line through the points, leaving and arriving upright."""
    first, *_, last = points
    path = [(first[0], first[1] + from_height / 2), *points[1:-1]]
    path.append((last[0], last[1] - to_height / 2 - 1))
    text = f"M{path[0][0]:.1f} {path[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(path):
        half = (y1 - y0) / 2
        text += f" C{x0:.1f} {y0 + half:.1f} {x1:.1f} {y1 - half:.1f} {x1:.1f} {y1:.1f}"
    return f'<path class="edge" d="{text}" marker-end="url(#{head})"/>'


Frame = tuple[float, float, float, float]


def _frames(graph: Graph, placed: Placed) -> Mapping[int, Frame]:
    """The rectangle around the boxes of each loop; the outer ones are wider."""
    found: dict[int, Frame] = {}
    for loop in range(len(graph.loops)):
        inside = [node for node in graph.nodes if loop in node.loops]
        if not inside:
            continue
        depth = inside[0].loops.index(loop)
        inner = max(len(node.loops) for node in inside) - depth - 1
        left, top, right, bottom = _union([_box(node, placed.middles[node.id]) for node in inside])
        pad = PAD * (1 + inner)
        right = max(right, left + len(graph.loops[loop]) * 6.0)
        above = PAD / 2 + TITLE + inner * (TITLE + PAD / 2)
        found[loop] = (left - pad, top - above, right + pad, bottom + pad)
    return found


def _frame(frame: Frame) -> str:
    left, top, right, bottom = frame
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" rx="8" class="frame"/>'
    )


def _title(text: str, frame: Frame) -> str:
    left, top, *_ = frame
    return f'<text class="loop" x="{left + 8:.1f}" y="{top + 14:.1f}">{escape(text)}</text>'


def _box(node: Node, middle: Point) -> Frame:
    x, y = middle
    width, height = _width(node), _tall(node)
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _union(boxes: Sequence[Frame]) -> Frame:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _around(graph: Graph, placed: Placed, frames: Sequence[Frame]) -> Frame:
    boxes = [_box(node, placed.middles[node.id]) for node in graph.nodes]
    bends = [(x, y, x, y) for points in placed.bends.values() for x, y in points]
    return _union([*boxes, *bends, *frames] or [(0.0, 0.0, 0.0, 0.0)])
