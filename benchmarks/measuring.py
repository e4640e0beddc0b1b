"""Side by side: the same number of runs of each, in turn, and ratios of their medians."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def medians(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each run. One of each comes first and is not counted; every other round goes
    backwards, so that what the machine does meanwhile falls on all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for number in range(rounds):
        order = list(runs) if number % 2 == 0 else list(reversed(runs))
        for name in order:
            taken[name].append(seconds(runs[name]))
    return {name: statistics.median(times) for name, times in taken.items()}


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller sizes")
    parser.add_argument("--json", action="store_true", help="print one JSON object, no tables")
    return parser.parse_args()


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns set apart by two spaces, numbers to the right."""
    cells = [list(head), *([_cell(each) for each in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [title]
    for row in cells:
        first, *rest = (
            text.ljust(width) if not column else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join([*lines, ""])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value < 10 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def report(result: Mapping[str, object], tables: Sequence[str], as_json: bool) -> None:
    print(json.dumps(result, indent=1) if as_json else "\n".join(tables))
