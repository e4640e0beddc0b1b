"""Which class is taken for which, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from specc.reporting.fields import class_names
from specc.reporting.figures import Counts
from specc.reporting.markup import Element, el

MOST_CLASSES = 24
"""Of more classes, those that are mixed up most often are shown."""

MOST_PAIRS = 8
LONGEST_LEVEL = 72
"""Letters of all names from which the heads of the columns stand upright."""

STRONG = 0.55
"""The share of a row from which the colour of a cell wants light text."""


@dataclass(frozen=True)
class Matrix:
    """``counts[i][j]`` places of class ``i`` were taken for class ``j``; ``left_out`` classes have
    no row. ``mixed`` are the most frequent mistakes: right, predicted, how often."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    left_out: int
    right: int
    places: int
    mixed: tuple[tuple[str, str, int], ...]


def matrix(gathered: Counts) -> Matrix:
    """The counts of a split by the names of their classes."""
    pairs = gathered.pairs
    seen = {each for pair in pairs for each in pair} | set(
        range(len(gathered.drawn.decoded.classes))
    )
    if gathered.is_bool:
        seen |= {0, 1}
    wrong = dict.fromkeys(seen, 0)
    for (one, other), count in pairs.items():
        if one != other:
            wrong[one] += count
            wrong[other] += count
    ids = sorted(seen)
    if len(ids) > MOST_CLASSES:
        ids = sorted(sorted(ids, key=lambda each: -wrong[each])[:MOST_CLASSES])
    name = dict(
        zip(seen, class_names(gathered.drawn.decoded, list(seen), gathered.is_bool), strict=True)
    )
    mistakes = sorted((-n, pair) for pair, n in pairs.items() if pair[0] != pair[1])
    return Matrix(
        tuple(name[each] for each in ids),
        tuple(tuple(pairs.get((one, other), 0) for other in ids) for one in ids),
        len(seen) - len(ids),
        sum(count for (one, other), count in pairs.items() if one == other),
        sum(pairs.values()),
        tuple((name[one], name[other], -n) for n, (one, other) in mistakes[:MOST_PAIRS]),
    )


def draw(found: Matrix, title: str) -> Element:
    """A card with the table and the mistakes beside it."""
    share = found.right / found.places if found.places else 0.0
    said = f"{found.right:,} of {found.places:,} right ({share:.1%})"
    more = (
        f"; {found.left_out:,} classes with fewer mistakes are left out" if found.left_out else ""
    )
    long = sum(max(5, min(len(name), 16)) for name in found.names) > LONGEST_LEVEL
    corner = el(
        "td", el("span", "right ↓", class_="quiet"), el("span", " predicted →", class_="quiet")
    )
    top = el(
        "tr",
        corner,
        [_head(name, "col") for name in found.names],
        el("th", "found", scope="col", class_="share"),
    )
    rows = []
    for number, (name, counts) in enumerate(zip(found.names, found.counts, strict=True)):
        whole = sum(counts)
        cells = [
            _cell(count, whole, column == number, name, found.names[column])
            for column, count in enumerate(counts)
        ]
        recall = f"{counts[number] / whole:.0%}" if whole else "–"
        rows.append(el("tr", _head(name, "row"), cells, el("td", recall, class_="share")))
    table = el(
        "table",
        el("thead", top),
        el("tbody", rows),
        class_=f"confusion{' upright' if long else ''}",
    )
    return el(
        "figure",
        el("figcaption", el("strong", title), el("span", said + more, class_="quiet")),
        el(
            "div",
            el("div", table, class_="wide", tabindex=0),
            _mistakes(found.mixed),
            class_="beside",
        ),
        class_="card whole",
    )


def _head(name: str, scope: str) -> Element:
    return el("th", el("span", name, title=name), scope=scope)


def _cell(count: int, whole: int, is_right: bool, right: str, predicted: str) -> Element:
    share = count / whole if whole else 0.0
    kind = "right" if is_right else "wrong"
    strong = " strong" if share > STRONG else ""
    return el(
        "td",
        f"{count:,}" if count else "",
        class_=f"{kind}{strong}" if count else "none",
        style=f"--share:{max(0.12, share):.3f}" if count else None,
        title=f"{count:,} of {whole:,} {right} taken for {predicted}",
    )


def _mistakes(mixed: Sequence[tuple[str, str, int]]) -> Element | None:
    if not mixed:
        return None
    items = [
        el(
            "li",
            el("b", f"{count:,} ×"),
            " ",
            right,
            el("span", " taken for ", class_="quiet"),
            predicted,
        )
        for right, predicted, count in mixed
    ]
    return el("div", el("h3", "Most frequent mistakes"), el("ul", items, class_="mistakes"))
