"""Rows that are longer or shorter than a model takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from specc.analysis.errors_sections import LENGTHS_DO_NOT_FIT
from specc.components import Refusal, Source
from specc.components.site import Precondition
from specc.types.polynomial import Poly


def check_lengths(
    conditions: Iterable[Precondition],
    lengths: Mapping[str, np.ndarray],
    source: Source,
    root: Path,
) -> None:
    """Hold the length of every row against what a model demands of it.

    ``lengths`` has those of the rows by the name of the ragged size (``Reviews.words``).

    Raises:
        Refusal: at the first row that does not fit.
    """
    for condition in conditions:
        poly = condition.size.poly
        if len(poly.variables) != 1 or not poly.variables <= lengths.keys():
            continue  # sizes that other rows share are checked where the model was built
        (name,) = poly.variables
        for length in np.unique(lengths[name]).tolist():
            size = poly.substitute({name: Poly.const(length)}).constant
            if size is None or size >= condition.least:
                continue
            row = int(np.flatnonzero(lengths[name] == length)[0])
            raise Refusal(
                LENGTHS_DO_NOT_FIT,
                f"{source.where(root, row)}: the row is {length} long: {condition.why}",
                help="`truncate` in the data section cuts rows, these as well as those of training",
            )
