"""Which rows go to which split, the same on every machine and for every version of numpy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from specc.components import Refusal
from specc.components.errors import BAD_SETTING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


def _share(value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError("has to be a fraction of the rows, at least 0 and below 1")
    return value


Share = Annotated[float, AfterValidator(_share)]
"""A fraction of the rows, such as 0.1."""


def check_shares(val: float, test: float) -> None:
    """Raise a `Refusal` unless some rows are left to train on."""
    if val + test >= 1:
        raise Refusal(
            BAD_SETTING,
            f"val={val:g} and test={test:g} leave no rows to train on",
            help="the training rows are what the other splits leave over",
            field="val",
        )


def shuffled(rows: int, seed: int) -> Rows:
    """The numbers below ``rows`` in an order that depends on ``seed`` alone.

    Sorted by splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)
    of the row number; `numpy.random` may change its streams from one version to the next.
    """
    import numpy as np

    mixed = np.arange(rows, dtype=np.uint64) + np.uint64(_start(seed))
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.argsort(mixed, kind="stable").astype(np.int64)


def _start(seed: int) -> int:
    return int.from_bytes(hashlib.blake2b(str(seed).encode(), digest_size=8).digest(), "little")


def part(order: Rows, val: float, test: float) -> dict[str, Rows]:
    """The last rows of ``order`` for the test, those before them for validation.

    Each share is rounded to the nearest number of rows; each split is in the order of the file.
    """
    import numpy as np

    rows = len(order)
    for_test, for_val = int(rows * test + 0.5), int(rows * val + 0.5)
    cuts = [rows - for_test - for_val, rows - for_test]
    train, validation, tested = (np.sort(piece) for piece in np.split(order, cuts))
    return named(train, validation if val else None, tested if test else None)


def named(train: Rows, val: Rows | None, test: Rows | None) -> dict[str, Rows]:
    """The splits by name; one that was not asked for is not there."""
    splits = {"train": train, "val": val, "test": test}
    return {name: rows for name, rows in splits.items() if rows is not None}


def position(value: Any, seed: int) -> float:
    """Where a value falls in [0, 1): its BLAKE2 digest, with the seed as the key."""
    digest = hashlib.blake2b(str(value).encode(), digest_size=8, key=str(seed).encode())
    return int.from_bytes(digest.digest(), "big") / 2**64


def groups(column: Any) -> Mapping[Any, Rows]:
    """The rows of each value of a column, the values in order."""
    import numpy as np

    values, inverse = np.unique(column, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    edges = np.searchsorted(inverse[order], np.arange(1, len(values)))
    return dict(zip(values.tolist(), np.split(order, edges), strict=True))
