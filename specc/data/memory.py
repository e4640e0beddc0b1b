"""Whether the prepared rows are held in memory, or made when a batch asks for them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from specc.data.plan import DataPlan
from specc.data.rows import Rows
from specc.data.streaming import row_bytes

MEMORY_SHARE = 4
"""Rows are held where they take this part of the memory: while they are prepared, they are there
more than once."""

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux says how much of the machine's memory a container may have."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The choice, and what it rests on; ``asked`` is true where a spec or override made it.

    ``bytes`` is what all prepared rows take, an estimate; ``memory`` is all that there is.
    """

    resident: bool
    bytes: int
    memory: int
    asked: bool

    def __str__(self) -> str:
        return "resident" if self.resident else "streamed"

    @property
    def reason(self) -> str:
        """The rule and its numbers, in words."""
        sizes = f"{shown(self.bytes)} of rows, {shown(self.memory)} of memory"
        return sizes if self.asked else f"{sizes}: resident up to a quarter of it"


def holding(plan: DataPlan, splits: Mapping[str, Rows], asked: bool | None) -> Holding:
    """The choice for a data section on this machine. The rows that a run sees do not depend on it.

    Raises:
        Refusal: if a transform cannot take its columns.
    """
    rows = sum(each.count for each in splits.values())
    needed = int(rows * sum(row_bytes(field, splits["train"]) for field in plan.fields))
    memory = total_memory()
    resident = needed <= memory // MEMORY_SHARE if asked is None else asked
    return Holding(resident, needed, memory, asked is not None)


def total_memory() -> int:
    """The bytes that this process may use: the machine's, or those of its container."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in LIMITS:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            sizes.append(int(text))
    return min(sizes)


def shown(size: float) -> str:
    """Bytes for people: ``1.2 GB``."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
