"""The batches that an artefact is proven on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor

from specc.artefacts.subject import Batch, Subject
from specc.components import Interface, Port
from specc.types.dim import Dim
from specc.types.elements import Element

SMALL = (1, 2, 7)
"""Sizes that are tried besides least, usual and greatest."""


@dataclass(frozen=True)
class Case:
    """One batch. ``sizes`` are those that may differ, ``values`` is ``"random"`` or ``"rows"``."""

    sizes: Mapping[str, int]
    values: str
    inputs: Batch
    timed: bool = False

    def __str__(self) -> str:
        said = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return f"{said or 'fixed sizes'} ({self.values})"


def usual(least: int, greatest: int) -> int:
    """A size between the two, as far from the one as from the other in proportion."""
    return min(max(isqrt(least * greatest), least), greatest)


def traced_sizes(interface: Interface) -> dict[str, int]:
    """The sizes that the model is followed with: at least 2, and no two alike where possible.

    torch.export takes a size of 1 for one that is always 1, and may take two equal sizes for one.
    """
    taken: set[int] = set()
    found = {}
    for name, (least, greatest) in interface.dims.items():
        size = start = max(2, usual(least, greatest))
        while size in taken and size < greatest:
            size += 1
        size = start if size in taken else size
        taken.add(size)
        found[name] = size
    return found


def all_sizes(interface: Interface) -> list[dict[str, int]]:
    """Least, usual and greatest of all sizes together, then 1, 2 and 7 of each on its own."""
    dims = interface.dims
    middle = {name: usual(*ends) for name, ends in dims.items()}
    found = [{name: ends[0] for name, ends in dims.items()}, middle]
    found.append({name: ends[1] for name, ends in dims.items()})
    for name, (least, greatest) in dims.items():
        found += [middle | {name: size} for size in (least, *SMALL, greatest) if least <= size]
    kept: list[dict[str, int]] = []
    for sizes in found:
        inside = all(least <= sizes[name] <= greatest for name, (least, greatest) in dims.items())
        if inside and sizes not in kept:
            kept.append(sizes)
    return kept


def cases(subject: Subject) -> tuple[list[Case], list[str]]:
    """All cases, and what could not be tried."""
    interface = subject.interface
    real = subject.rows(64)
    found: list[Case] = []
    notes: list[str] = []
    for number, sizes in enumerate(all_sizes(interface)):
        inputs = random_inputs(subject, sizes, real, number)
        found.append(Case(sizes, "random", inputs, timed=number < 3))
    done: list[dict[str, int]] = []
    for sizes in all_sizes(interface):
        count = sizes.get(subject.batch or "", 1)
        inputs = subject.rows(count)
        given = sizes_of(interface, inputs)
        if given in done:
            continue
        done.append(given)
        outside = [
            f"{name} = {size}"
            for name, size in given.items()
            if not interface.dims[name][0] <= size <= interface.dims[name][1]
        ]
        if outside or not fits(interface, inputs):
            said = ", ".join(outside) or "another fixed size"
            note = f"validation rows of {said} are outside of what the artefact takes: not tried"
            if note not in notes:
                notes.append(note)
            continue
        found.append(Case(given, "rows", inputs))
    return found, notes


def beyond(subject: Subject) -> list[Case]:
    """One more than the greatest of each size: refused or computed rightly, never else."""
    interface = subject.interface
    middle = {name: usual(*ends) for name, ends in interface.dims.items()}
    real = subject.rows(8)
    found = []
    for name, (_, greatest) in interface.dims.items():
        sizes = middle | {name: greatest + 1}
        found.append(Case(sizes, "random", random_inputs(subject, sizes, real, 99)))
    return found


def sizes_of(interface: Interface, inputs: Mapping[str, Tensor]) -> dict[str, int]:
    """The dynamic sizes that a batch has."""
    found: dict[str, int] = {}
    for port in interface.inputs:
        for size, given in zip(port.shape, inputs[port.name].shape, strict=True):
            if isinstance(size, str):
                found.setdefault(size, given)
    return {name: found[name] for name in interface.dims}


def fits(interface: Interface, inputs: Mapping[str, Tensor]) -> bool:
    """Whether the sizes that are fixed are those of the batch."""
    return all(
        isinstance(size, str) or size == given
        for port in interface.inputs
        for size, given in zip(port.shape, inputs[port.name].shape, strict=True)
    )


def random_inputs(
    subject: Subject, sizes: Mapping[str, int], real: Mapping[str, Tensor], seed: int
) -> Batch:
    """Inputs of these sizes; the first two rows are the same."""
    generator = torch.Generator().manual_seed(seed)
    found: Batch = {}
    for port in subject.interface.inputs:
        shape = [sizes[size] if isinstance(size, str) else size for size in port.shape]
        values = _random(subject.elements[port.name], shape, real[port.name], port, generator)
        if subject.batch is not None and port.shape[:1] == (subject.batch,) and shape[0] > 1:
            values[1] = values[0]
        found[port.name] = values
    return found


def _random(
    element: Element, shape: list[int], real: Tensor, port: Port, generator: torch.Generator
) -> Tensor:
    dtype = getattr(torch, port.dtype)
    if element.name == "mask" and len(shape) > 1:
        lengths = torch.randint(1, shape[-1] + 1, shape[:-1], generator=generator)
        return torch.arange(shape[-1]) < lengths.unsqueeze(-1)
    if dtype is torch.bool:
        return torch.rand(shape, generator=generator) < 0.5
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    bound = element.bound
    if isinstance(bound, Dim) and bound.known is not None:
        return torch.randint(bound.known, shape, generator=generator).to(dtype)
    # Whole numbers of which nothing is known: some that the data has.
    values = real.reshape(-1)
    return values[torch.randint(len(values), shape, generator=generator)]
