"""Predictions as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any


def render_predictions(rows: Sequence[Mapping[str, Any]], form: str) -> str:
    """One line for each row: JSON objects, or (``csv``) cells under a header."""
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
    return text.getvalue()
