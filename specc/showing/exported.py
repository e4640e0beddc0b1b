"""What an export came to, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specc.showing.aligned import aligned


def render_exported(done: Mapping[Path, Mapping[str, Any]]) -> str:
    """Each artefact with its parity and its latency."""
    return "\n".join(_artefact(folder, manifest) for folder, manifest in done.items())


def _artefact(folder: Path, manifest: Mapping[str, Any]) -> str:
    dims = manifest["interface"]["dims"]
    ranges = ", ".join(f"{name} = {low}..{high}" for name, (low, high) in dims.items())
    lines = [f"{folder / manifest['file']}  {manifest['bytes']:,} bytes  {ranges}".rstrip()]
    rows = [["", "output", "max abs", "max rel", "flips"]]
    for row in manifest["parity"]:
        errors = (f"{row['max_abs']:.2g}", f"{row['max_rel']:.2g}", str(row["flips"]))
        rows.append([f"{_sizes(row['sizes'])} {row['values']}", row["output"], *errors])
    lines += [f"  {line}" for line in aligned(rows)]
    timed = [["", "eager ms", "p95", "artefact ms", "p95"]]
    for each in manifest["latency"]:
        eager, own = each["eager_ms"], each["artefact_ms"]
        numbers = (eager["p50"], eager["p95"], own["p50"], own["p95"])
        timed.append([_sizes(each["sizes"]), *(f"{number:.3f}" for number in numbers)])
    if len(timed) > 1:
        lines += [f"  {line}" for line in aligned(timed)]
    lines += [f"  note: {note}" for note in manifest["notes"]]
    return "\n".join(lines) + "\n"


def _sizes(sizes: Mapping[str, int]) -> str:
    return " ".join(f"{name}={size}" for name, size in sizes.items()) or "fixed"
