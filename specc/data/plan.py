"""What a data section asks for, as the compiler hands it over."""

from __future__ import annotations

from dataclasses import dataclass

from specc.components import Source, Split, Transform
from specc.types.tensor import TensorType


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """``name = source.column |> transform |> ...``.

    ``columns`` are names of the source's fields (patterns resolved); with ``stacked`` they are
    joined on a new last axis, as ``source[["a", "b"]]`` says, else there is exactly one.
    ``type`` is the type of one row of the result; its dims may name fitted sizes.
    """

    name: str
    columns: tuple[str, ...]
    stacked: bool
    transforms: tuple[Transform, ...]
    type: TensorType


@dataclass(frozen=True, slots=True)
class DataPlan:
    """A data section: only the fields that are used. Without a split, all rows are for training,
    unless the source comes in parts."""

    name: str
    source: Source
    split: Split | None
    fields: tuple[FieldPlan, ...]
