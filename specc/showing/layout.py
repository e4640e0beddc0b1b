"""Places for the boxes of a graph, in layers from top to bottom.

The method of Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical system
structures, 1981): layers by the longest path; an arrow that passes layers gets a bend in each;
the order within layers by the means of the neighbours; then places as near to the neighbours as
the order and the distances admit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

GAP = 28.0
"""Between neighbours in a layer."""

SWEEPS = 12


@dataclass(frozen=True)
class Placed:
    """The middle of every box, and the points that every arrow passes: how far right, and in
    which layer."""

    middles: Mapping[int, tuple[float, int]]
    bends: Mapping[tuple[int, int], Sequence[tuple[float, int]]]


def place(widths: Mapping[int, float], edges: Sequence[tuple[int, int]]) -> Placed:
    """Place boxes of these widths; an edge leads from a lower to a higher number."""
    layer_of = _layers(list(widths), edges)
    widths = dict(widths)
    links: list[tuple[int, int]] = []
    chains: dict[tuple[int, int], list[int]] = {}
    fresh = max(widths, default=0) + 1
    for source, target in edges:
        chain = [source]
        for layer in range(layer_of[source] + 1, layer_of[target]):
            layer_of[fresh], widths[fresh] = layer, 4.0
            chain.append(fresh)
            fresh += 1
        chain.append(target)
        chains[source, target] = chain
        links += pairwise(chain)
    above: dict[int, list[int]] = {node: [] for node in layer_of}
    below: dict[int, list[int]] = {node: [] for node in layer_of}
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    layers = _ordered(layer_of, above, below)
    x = _columns(layers, widths, above, below)
    point = {node: (x[node], layer_of[node]) for node in layer_of}
    bends = {edge: [point[node] for node in chain] for edge, chain in chains.items()}
    return Placed(point, bends)


def _layers(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The layer of every box: below all that it needs, and near to what needs it."""
    layer = dict.fromkeys(nodes, 0)
    needs = {target for _, target in edges}
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layer[target] = max(layer[target], layer[source] + 1)
    for node in nodes:  # what needs nothing stands just above its first use
        uses = [layer[target] for source, target in edges if source == node]
        if node not in needs and uses:
            layer[node] = min(uses) - 1
    return layer


def _ordered(
    layer_of: Mapping[int, int],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
) -> list[list[int]]:
    """The layers with few crossings."""
    layers: list[list[int]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node in sorted(layer_of):
        layers[layer_of[node]].append(node)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        beside = above if down else below
        for layer in layers if down else reversed(layers):
            rank = {n: k for each in layers for k, n in enumerate(each)}
            means = {
                node: fmean(rank[other] for other in beside[node]) if beside[node] else rank[node]
                for node in layer
            }
            layer.sort(key=means.__getitem__)
    return layers


def _columns(
    layers: Sequence[Sequence[int]],
    widths: Mapping[int, float],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
) -> dict[int, float]:
    """How far right every box stands."""
    x: dict[int, float] = {}
    for layer in layers:
        x |= dict(zip(layer, _apart([0.0] * len(layer), layer, widths), strict=True))
    for sweep in range(2 * SWEEPS):
        beside = (above, below, above)[sweep % 2 if sweep < 2 * SWEEPS - 1 else 2]
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = []
            for node in layer:
                near = [x[other] for other in beside[node]]
                wanted.append(fmean(near) if near else x[node])
            x |= dict(zip(layer, _apart(wanted, layer, widths), strict=True))
    return x


def _apart(
    wanted: Sequence[float], layer: Sequence[int], widths: Mapping[int, float]
) -> list[float]:
    """The places nearest to ``wanted`` (in squares) that keep the order and the distances.

    With the distances taken off, the places may only rise: neighbours that do not are pooled at
    their mean.
    """
    offsets = [0.0]
    for left, right in pairwise(layer):
        offsets.append(offsets[-1] + (widths[left] + widths[right]) / 2 + GAP)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    levels = [total / count for total, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]
