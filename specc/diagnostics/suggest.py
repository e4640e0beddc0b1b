"""Did you mean: the known name that a wrong one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 64
"""Longer names are not compared: nobody meant them, and the comparison is quadratic."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like ``name``, or ``None`` if none is like it.

    First one that differs in case and underscores alone (``Conv2D``), then the fewest slips of the
    keyboard (``con2vd``), then one that goes on where the other ends (``CrossEntropyLoss``). Does
    not depend on the order of ``known``.
    """
    if len(name) > LONGEST:
        return None
    wanted = _fold(name)
    letters = frozenset(wanted)
    # A third of the letters may be wrong: beyond that, names are merely of equal length.
    slips = max(1, len(wanted) // 3) if len(wanted) > 1 else 0
    best: tuple[int, int, str] | None = None
    for candidate in known:
        folded = _fold(candidate)
        rank = _rank(wanted, folded, slips if _may_be_near(letters, folded, slips) else -1)
        if rank is not None and (best is None or (*rank, candidate) < best):
            best = (*rank, candidate)
    return best[2] if best else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The sentence for a hint, as in ``did you mean `conv2d`?``, or ``None``."""
    found = closest(name, known)
    return f"did you mean `{found}`?" if found is not None else None


def _fold(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _may_be_near(letters: frozenset[str], candidate: str, slips: int) -> bool:
    """A cheap bound: a letter that only one of the two has costs a slip."""
    others = frozenset(candidate)
    return len(letters - others) <= slips and len(others - letters) <= slips


def _rank(wanted: str, candidate: str, slips: int) -> tuple[int, int] | None:
    if wanted == candidate:
        return (0, 0)
    apart = abs(len(wanted) - len(candidate))
    if apart <= slips and (distance := _distance(wanted, candidate, slips)) <= slips:
        return (1, distance)
    if min(len(wanted), len(candidate)) >= 3 and (
        candidate.startswith(wanted) or wanted.startswith(candidate)
    ):
        return (2, apart)
    return None


def _distance(a: str, b: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours that turn ``a`` into ``b``.

    Optimal string alignment (Damerau's distance without edits inside a swapped pair); any number
    above ``limit`` means "more".
    """
    two_back: list[int] = []
    back = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(back[j] + 1, row[j - 1] + 1, back[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, two_back[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(back) > limit:
            return limit + 1
        two_back, back = back, row
    return back[-1]
