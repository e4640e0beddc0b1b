"""What a run came to, for people."""

from __future__ import annotations

from collections.abc import Mapping

from specc.showing.aligned import aligned
from specc.training.result import Result, Value


def render_result(result: Result) -> str:
    """The scores of the weights that were kept, and where these are."""
    epochs = f"{result.epochs} epoch{'' if result.epochs == 1 else 's'}"
    head = f"{result.run}: {epochs} in {result.seconds:.1f} s, the weights are of epoch "
    scores = render_scores({**result.metrics, **result.tables})
    return f"{head}{result.best_epoch}\n{scores}"


def render_scores(scores: Mapping[str, Value]) -> str:
    """Scores by their names; tables (a confusion matrix) under them."""
    rows = [
        (f"  {name}", f"{value:.4g}")
        for name, value in scores.items()
        if not isinstance(value, list)
    ]
    lines = aligned(rows, right=(1,)) if rows else []
    for name, table in scores.items():
        if not isinstance(table, list):
            continue
        lines.append(f"  {name}")
        if all(isinstance(row, list) for row in table):
            cells = [["   ", *(f"{cell:.4g}" for cell in row)] for row in table]
            lines += aligned(cells, right=range(1, len(cells[0])))
        else:
            lines.append("    " + "  ".join(f"{cell:.4g}" for cell in table))
    return "\n".join(lines) + "\n"
