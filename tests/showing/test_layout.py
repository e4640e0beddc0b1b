"""The places of the boxes of a graph."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from specc.showing.layout import GAP, place


@settings(deadline=None)
@given(
    st.lists(st.floats(10, 200), min_size=1, max_size=20).flatmap(
        lambda widths: st.tuples(
            st.just(widths),
            st.sets(
                st.tuples(st.integers(0, len(widths) - 1), st.integers(0, len(widths) - 1)).filter(
                    lambda edge: edge[0] < edge[1]
                )
            ),
        )
    )
)
def test_boxes_stand_apart_and_arrows_lead_down(case) -> None:
    widths, edges = case
    placed = place(dict(enumerate(widths)), sorted(edges))
    for source, target in edges:
        assert placed.middles[source][1] < placed.middles[target][1]
        bends = [layer for _, layer in placed.bends[source, target]]
        assert bends == list(range(placed.middles[source][1], placed.middles[target][1] + 1))
    layers: dict[int, list[tuple[float, float]]] = {}
    for box, width in enumerate(widths):
        x, layer = placed.middles[box]
        layers.setdefault(layer, []).append((x, width))
    for boxes in layers.values():
        boxes.sort()
        for (x0, w0), (x1, w1) in pairwise(boxes):
            assert x1 - x0 >= (w0 + w1) / 2 + GAP - 1e-6


def test_a_chain_is_straight() -> None:
    placed = place(dict.fromkeys(range(5), 40.0), [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert len({x for x, _ in placed.middles.values()}) == 1
