"""Chains of convolutions and poolings: the sizes that real specs are made of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import prod

from specc.types.poly import Poly, Verdict, compare
from tests.types.brute_force import evaluate

SIZES = (*range(1, 60), 64, 97, 128, 224, 299, 1000)


@dataclass(frozen=True)
class Window:
    kernel: int
    stride: int
    padding: int
    dilation: int

    def of(self, size: Poly) -> Poly:
        reach = self.dilation * (self.kernel - 1) + 1
        return (size + 2 * self.padding - reach).floordiv(self.stride) + 1

    def of_number(self, size: int) -> int:
        reach = self.dilation * (self.kernel - 1) + 1
        return (size + 2 * self.padding - reach) // self.stride + 1


def _chain(draw: random.Random) -> list[Window]:
    return [
        Window(
            kernel=draw.choice((1, 2, 3, 5, 7)),
            stride=draw.randint(1, 4),
            padding=draw.randint(0, 3),
            dilation=draw.randint(1, 2),
        )
        for _ in range(draw.randint(1, 6))
    ]


def _symbolic(chain: list[Window]) -> Poly:
    size = Poly.var("H")
    for window in chain:
        size = window.of(size)
    return size


def _numbers(chain: list[Window]) -> list[int]:
    sizes = list(SIZES)
    for window in chain:
        sizes = [window.of_number(size) for size in sizes]
    return sizes


def test_six_thousand_chains() -> None:
    draw = random.Random(20240607)
    by_sizes: dict[tuple[int, ...], list[Poly]] = {}
    for _ in range(6000):
        chain = _chain(draw)
        size, expected = _symbolic(chain), _numbers(chain)
        assert [evaluate(size, {"H": h}) for h in SIZES] == expected
        # Only then do the sizes 1..59 cover two periods, so that agreeing on them is being equal.
        if prod(window.stride for window in chain) <= 29:
            by_sizes.setdefault(tuple(expected), []).append(size)
    repeated = [polys for polys in by_sizes.values() if len(polys) > 1]
    assert len(repeated) > 100
    for first, *others in repeated:
        assert all(compare(first, other) is Verdict.EQUAL for other in others)


def test_chains_that_differ_anywhere_are_never_equal() -> None:
    draw = random.Random(7)
    chains = [_chain(draw) for _ in range(300)]
    for one, other in zip(chains, reversed(chains), strict=True):
        verdict = compare(_symbolic(one), _symbolic(other))
        same = [a == b for a, b in zip(_numbers(one), _numbers(other), strict=True)]
        assert not (verdict is Verdict.EQUAL and not all(same))
        assert not (verdict is Verdict.DIFFERENT and any(same))


def test_the_same_stride_by_two_routes() -> None:
    size = Poly.var("H")
    twice = Window(3, 2, 1, 1).of(Window(3, 2, 1, 1).of(size))
    at_once = Window(1, 4, 0, 1).of(size)
    assert compare(twice, at_once) is Verdict.EQUAL
