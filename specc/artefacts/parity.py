"""Whether an artefact computes what the model computes, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from specc.artefacts.cases import Case
from specc.artefacts.errors import NO_REFERENCE
from specc.artefacts.subject import Subject, called
from specc.components import Interface, Refusal

TOLERANCES = {torch.float64: 1e-9, torch.float32: 1e-4, torch.bfloat16: 2e-2, torch.float16: 2e-3}
"""The greatest error by the type of an output, as a share of its greatest value."""


@dataclass(frozen=True)
class Row:
    """One output of one case.

    ``max_abs``: the greatest difference; ``max_rel``: as a share of the value that it is
    in, or of a thousandth of the greatest where that is less;
    ``flips``: places of which the greatest entry along the last axis is another one, and, of whole
    numbers, those that differ; ``twins``: how far the results of two identical rows lie apart.
    """

    sizes: Mapping[str, int]
    values: str
    output: str
    max_abs: float
    max_rel: float
    flips: int
    twins: float
    allowed: float
    equal: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def references(subject: Subject, cases: Sequence[Case]) -> list[tuple[Tensor, ...]]:
    """What the model says of each case.

    Raises:
        Refusal: if that is nothing to compare with.
    """
    found = [called(subject.module, case.inputs) for case in cases]
    for number, port in enumerate(subject.interface.outputs):
        tensors = [outputs[number] for outputs in found]
        for case, tensor in zip(cases, tensors, strict=True):
            if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
                raise Refusal(
                    NO_REFERENCE,
                    f"`{port.name}` of the model is not finite for {case}",
                    help="the weights of the run are of no use: see its metrics.jsonl",
                )
        if _constant(tensors):
            raise Refusal(
                NO_REFERENCE,
                f"`{port.name}` of the model is the same whatever the input",
                help="equality with it proves nothing: train longer, or look for dead units",
            )
    again = [called(subject.module, case.inputs) for case in cases[:1]]
    for port, one, other in zip(subject.interface.outputs, found[0], again[0], strict=True):
        if not torch.equal(one, other):
            raise Refusal(
                NO_REFERENCE,
                f"`{port.name}` of the model differs from call to call on the same input",
                help="something in it is random also in evaluation: an artefact cannot be compared",
            )
    return found


def _constant(tensors: Sequence[Tensor]) -> bool:
    """Whether an output is the same in every row of every case."""
    rows = [row for tensor in tensors for row in (tensor if tensor.dim() else tensor[None])]
    first = rows[0]
    return all(row.shape == first.shape and torch.equal(row, first) for row in rows)


def compare(
    interface: Interface,
    batch: str | None,
    case: Case,
    wanted: Sequence[Tensor],
    got: Mapping[str, Tensor],
    tolerance: float | None,
) -> list[Row]:
    """A row for each output of a case."""
    found = []
    for port, reference in zip(interface.outputs, wanted, strict=True):
        result = got[port.name]
        if result.shape != reference.shape or result.dtype != reference.dtype:
            inf = float("inf")
            row = Row(case.sizes, case.values, port.name, inf, inf, 0, 0.0, 0.0, False)
            found.append(row)
            continue
        twins = 0.0
        paired = case.values == "random" and case.sizes.get(batch or "", 1) > 1
        if paired and port.shape[:1] == (batch,):
            twins = _greatest(result[0], result[1])
            own = _greatest(reference[0], reference[1])
            twins = max(0.0, twins - own)
        found.append(_row(case, port.name, reference, result, twins, tolerance))
    return found


def _row(
    case: Case, name: str, wanted: Tensor, got: Tensor, twins: float, tolerance: float | None
) -> Row:
    if not wanted.is_floating_point():
        flips = int((wanted != got).sum())
        return Row(
            case.sizes, case.values, name, float(flips > 0), 0.0, flips, twins, 0.0, flips == 0
        )
    share = TOLERANCES.get(wanted.dtype, 1e-4) if tolerance is None else tolerance
    wide = wanted.double()
    allowed = share * float(wide.abs().max()) if wide.numel() else 0.0
    difference = (wide - got.double()).abs()
    greatest = float(difference.max()) if wide.numel() else 0.0
    floor = 1e-3 * float(wide.abs().max()) if wide.numel() else 1.0
    relative = difference / wide.abs().clamp(min=floor or 1.0)
    flips = 0
    if wanted.dim() > 1 and wanted.shape[-1] > 1:
        flips = int((wanted.argmax(-1) != got.argmax(-1)).sum())
    # What is not a number is not less than what is allowed.
    equal = greatest <= allowed and twins <= 2 * allowed
    rel = float(relative.max()) if wide.numel() else 0.0
    return Row(case.sizes, case.values, name, greatest, rel, flips, twins, allowed, equal)


def _greatest(one: Tensor, other: Tensor) -> float:
    return float((one.double() - other.double()).abs().max()) if one.numel() else 0.0
