"""The layers of a model in their order, as the rows of a table; torch is not needed for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from msgspec.structs import replace

from specc.analysis.bindings import LayerUse
from specc.analysis.variants import Variant
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.tensor import TensorType

Path = tuple[int, ...]
"""The iteration of each loop around a place, from 0."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One application, or the same one in each iteration of a loop.

    ``attribute`` is the name of the submodule, ``None`` for a function; ``paths`` are the places in
    a module list, one for each time it is applied. ``rows`` are those of an applied model.
    """

    attribute: str | None
    paths: tuple[Path, ...]
    component: str
    outputs: tuple[TensorType, ...]
    rows: tuple[LayerRow, ...] = ()

    @property
    def times(self) -> int:
        """How often it is applied."""
        return len(self.paths)


def layer_rows(variant: Variant, variants: Mapping[str, Variant]) -> tuple[LayerRow, ...]:
    """The rows of a model; ``variants`` are all analysed models by their keys."""
    found: list[LayerRow] = []
    for block in _blocks(variant):
        for uses in block:
            first = uses[0]
            inner = variants[first.variant] if first.variant is not None else None
            found.append(
                LayerRow(
                    first.attribute,
                    tuple(use.path for use in uses),
                    first.component,
                    first.outputs,
                    layer_rows(inner, variants) if inner is not None else (),
                )
            )
    return tuple(found)


def _blocks(variant: Variant) -> Iterator[list[list[LayerUse]]]:
    """The iterations of loops, neighbours that are alike joined: rows, each with its uses."""
    joined: list[list[LayerUse]] = []
    before: object = None
    left_out = _left_out(variant)
    for path, group in groupby(variant.layers, key=lambda use: use.path):
        uses = list(group)
        block: list[list[LayerUse]] = []
        more: list[Path] = []
        for use in uses:
            # A function has the iterations of the submodule before it.
            more = left_out.get((use.attribute, path), more)
            block.append([use, *(replace(use, path=each) for each in more)])
        kind = [_kind(use) for use in uses]
        if path and kind == before:
            for row, others in zip(joined, block, strict=True):
                row.extend(others)
            continue
        if joined:
            yield joined
        joined, before = block, kind
    if joined:
        yield joined


def _kind(use: LayerUse) -> object:
    """What makes two applications look the same in a table."""
    shapes = tuple((t.element.name, tuple(d.poly for d in t.dims)) for t in use.outputs)
    return (len(use.path), use.attribute, use.component, shapes, use.variant)


def _left_out(variant: Variant) -> dict[tuple[str | None, Path], list[Path]]:
    """The iterations that others stand for, by the submodule and iteration that do.

    A ``repeat`` whose types have settled is not analysed to its end: the last iteration that was
    stands for the rest.
    """
    used: dict[str, dict[Path, list[Path]]] = {}
    for use in variant.layers:
        if use.attribute is not None:
            used.setdefault(use.attribute, {})[use.path] = []
    for depth, count, attributes in _loops(variant.steps):
        inside = {name: used[name] for name in attributes if name in used}
        last: dict[Path, int] = {}
        for paths in inside.values():
            for path in paths:
                last[path[:depth]] = max(path[depth], last.get(path[:depth], 0))
        for paths in inside.values():
            for path, more in paths.items():
                if path[depth] == last[path[:depth]]:
                    here = (path, *more)
                    more += [
                        (*each[:depth], number, *each[depth + 1 :])
                        for number in range(path[depth] + 1, count)
                        for each in here
                    ]
    return {(name, path): more for name, paths in used.items() for path, more in paths.items()}


def _loops(body: Iterable[steps.Step], depth: int = 0) -> Iterator[tuple[int, int, set[str]]]:
    """How deep each loop stands, its iterations and the submodules in it; inner loops first."""
    for step in body:
        match step:
            case steps.Loop():
                yield from _loops(step.body, depth + 1)
                nodes = (node for node in ir.walk(step) if isinstance(node, ir.Submodule))
                yield depth, step.iterations, {node.path.partition(".")[0] for node in nodes}
            case steps.Scan():
                yield from _loops(step.body, depth)
            case steps.Decide():
                yield from _loops((*(step.then or ()), *(step.otherwise or ())), depth)
            case _:
                pass
