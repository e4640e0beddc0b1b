"""Components of data sections: sources, transforms and splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Literal

from msgspec import Struct

from specc.components.base import Component, TensorComponent, put_last
from specc.components.errors import Refusal
from specc.components.errors_data import NO_COLUMN
from specc.components.ragged import joined
from specc.components.table import Table
from specc.diagnostics import Code, did_you_mean
from specc.types.tensor import TensorType

Bound = int | tuple[int, ...] | None
"""The bound of ids: one for all, or one for each entry of the last axis."""


class RowRefusal(Refusal):
    """Raised by a transform that cannot take the value of some rows.

    ``row`` is the first of them, counted from 0 in the column that it was given; the core adds the
    file and the line. ``rows`` are all of them, so that they can be skipped in one go.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        row: int,
        *,
        rows: Iterable[int] | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(code, message, help=help)
        self.row = row
        self.rows = [row] if rows is None else [int(each) for each in rows]

    def at(self, row: int, rows: Iterable[int]) -> RowRefusal:
        """The same of other rows."""
        return RowRefusal(self.code, self.message, row, rows=rows, help=self.help)


class Schema(Struct, frozen=True):
    """What a source holds: the type of each field in one row, and the number of rows if known.

    A size that differs from row to row has a plain name, ``str[T]``; where two fields have the same
    name, a row has equally many values of both.
    """

    fields: Mapping[str, TensorType]
    rows: int | None = None

    def select(self, names: Sequence[str]) -> tuple[str, ...]:
        """The fields that ``names`` mean, in their order; a name may be a pattern (``p*``).

        A pattern gives its fields in the order of the source.

        Raises:
            Refusal: if a name means no field.
        """
        chosen: list[str] = []
        for name in names:
            if name in self.fields:
                chosen.append(name)
                continue
            found = [field for field in self.fields if fnmatchcase(field, name)]
            if not found:
                raise Refusal(
                    NO_COLUMN,
                    f"the source has no column `{name}`",
                    help=did_you_mean(name, self.fields) or f"it has {listed(self.fields)}",
                )
            chosen += found
        return tuple(dict.fromkeys(chosen))


class Source(Component):
    """Rows with typed, named fields. Paths are relative to the project (``root``).

    What cannot be read is a `Refusal` with a code of `specc.components.errors_data`.

    Every source takes one more field, by keyword: with ``bad_rows="skip"`` rows that cannot be
    read, or that hold a value which the fields have no place for, are left out and counted.
    """

    kind: ClassVar[str] = "source"
    other_words: ClassVar[Mapping[str, str]] = {
        "file": "path",
        "filename": "path",
        "folder": "path",
        "root": "path",
        "sep": "delimiter",
        "separator": "delimiter",
    }
    needless: ClassVar[Mapping[str, str]] = {
        "batch_size": "`batch` of the `train` section says how many rows a step has",
        "shuffle": "training rows are in a new random order in each epoch",
        "transform": "transforms are piped over the columns: `source.image |> to_float`",
    }
    stands: ClassVar[str] = "`source = {}(...)` in a `data` section"

    bad_rows: Literal["error", "skip"] = "error"

    endings: ClassVar[tuple[str, ...]] = ()
    """How the names of files that it reads end: ``(".csv",)``. New rows in a file of a kind that
    the source of the training rows does not know are read by the source that knows it."""

    takes: ClassVar[str | None] = None
    """The field that holds a source which is piped in: ``csv("x.csv") |> windows(60)``."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Put the field of every source last: positional arguments are the source's own."""
        super().__pydantic_init_subclass__(**kwargs)
        put_last(cls, Source.model_fields)

    def describe(self, root: Path) -> Schema:
        """The fields, from headers and a few first rows: no numpy, no large read."""
        raise NotImplementedError(f"{type(self).__name__}.describe")

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        """The named fields as numpy arrays, rows first; those with a ragged size as `Ragged`.

        Text is an array of objects that are all `str`; a missing number is NaN.
        """
        raise NotImplementedError(f"{type(self).__name__}.read")

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        """As `read`, without the rows that cannot be read.

        With the columns come the numbers of their rows in the source (``None`` for all) and how
        many were left out. A source without rows that can fail one by one has no need for it.
        """
        return self.read(root, columns), None, 0

    def open(self, root: Path, columns: Sequence[str]) -> tuple[Table, Any] | None:
        """The named fields to be read some rows at a time, and the numbers of the good rows.

        For a source whose rows need not be in memory; ``None`` (as here) from one that is read
        whole. The numbers are ``None`` where all rows are good; with the policy ``error`` a row
        that is not is a `Refusal`.
        """
        return None

    def where(self, root: Path, row: int) -> str:
        """The place of a row (from 0) in words: ``data/x.csv:12``."""
        raise NotImplementedError(f"{type(self).__name__}.where")

    def places(self, root: Path) -> Iterator[str]:
        """The places of all rows in order, as `where` says them."""
        return (self.where(root, row) for row in count())

    def reading(self, path: str, columns: Sequence[str]) -> Source:
        """The source of new rows at ``path``, read as its own rows are: `specc predict` asks.

        ``columns`` are the fields that will be wanted of it; those that were only needed for the
        training need not be there. A path may be that of a folder.

        Raises:
            NotImplementedError: if its rows are of no single file.
        """
        if "path" not in type(self).model_fields:
            raise NotImplementedError(f"{type(self).__name__}.reading")
        return self.model_copy(update={"path": path})

    @classmethod
    def of_file(cls, path: str, columns: Sequence[str]) -> Source:
        """The source of rows at ``path``, whose name has one of its `endings`."""
        return cls.model_validate({"path": path})

    def policy(self) -> Literal["error", "skip"]:
        """What becomes of bad rows; a source that is made of another one asks that one too."""
        return self.bad_rows

    def windows_of(self) -> tuple[Source, int, int] | None:
        """For a source whose rows are windows: of which rows, their length and their stride."""
        return None

    def weights(self) -> str | None:
        """The field by whose values training rows are drawn; ``None`` for each row once."""
        return None

    def parts(self) -> Mapping[str, Source]:
        """The sources of the splits, where they come apart; empty for one that is to be split."""
        return {}


class Transform(TensorComponent):
    """Changes the values of a data field, row by row; the signature speaks of one row.

    A transform that learns overrides `fit`, or `learn` if it is to learn from more rows than memory
    has room for; one that reads a file of the project overrides `load`. What they return together
    is its state: JSON-able, stored with the run, and handed to `apply`.
    """

    kind: ClassVar[str] = "transform"
    stands: ClassVar[str] = "`field = source.column |> {}` in a `data` section"

    attributes: ClassVar[tuple[str, ...]] = ()
    """The sizes that it gives once fitted (``classes``): keys of its state, and of `Site.fitted`
    before. Where the state has ``None``, a size is left to be measured, as ``max_length`` is."""

    per_column: ClassVar[bool] = False
    """True where each of several stacked columns (``source[["a", "b"]]``, rank 1) has its own
    value of each attribute; it is then a list, and a tuple of sizes in `Site.fitted`."""

    elementwise: ClassVar[bool] = False
    """True where each value is transformed on its own, whatever row it is in: of ragged rows such a
    transform is given all values end to end, as if each were a row."""

    makes_ragged: ClassVar[bool] = False
    """True where rows of one size become ragged; `Site.length` is the size of the result, and
    `invert` is given a `Ragged`."""

    takes_ragged: ClassVar[bool] = False
    """True for a transform that is given ragged rows as a `Ragged`."""

    def load(self, root: Path) -> dict[str, Any]:
        """What is known before any row is read, from files of the project (`root`).

        `specc.components.files.inside` opens what a field names. Called by `specc check` as well,
        which then knows the attributes that are among it; `predict` needs the file no more.

        Raises:
            Refusal: if the file is wrong; ``field`` names the field that has its path.
        """
        return {}

    def fit(self, column: Any, bound: Bound) -> dict[str, Any]:
        """What is learned from the training rows: a JSON-able mapping, attributes included.

        The same rows give the same mapping in every process.

        ``bound`` is that of the ids in the column, as `bound` of the transform before gave it.
        """
        return {}

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        """As `fit`, from parts of the column, one after another; each is there but once.

        The parts are the same wherever the rows lie. Here they are joined, and `fit` is asked.
        """
        if type(self).fit is Transform.fit:
            return {}
        return self.fit(joined(list(parts)), bound)

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        """The bound of the ids in the result; ``None`` where it holds none."""
        return None

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        """The column (a numpy array, rows first) transformed; a `Ragged` where rows become so.

        Raises:
            RowRefusal: if the value of a row has no image.
        """
        raise NotImplementedError(f"{type(self).__name__}.apply")

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        """The values before the transform; `NotImplementedError` where there is no way back.

        Of ragged rows an `elementwise` transform is given all values, and others a `Ragged`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no inverse")


class Split(Component):
    """Says which rows are for training, for validation and for the test."""

    kind: ClassVar[str] = "split"
    other_words: ClassVar[Mapping[str, str]] = {
        "random_state": "seed",
        "test_size": "test",
        "val_size": "val",
        "valid": "val",
        "validation": "val",
    }
    needless: ClassVar[Mapping[str, str]] = {"train": "what the others leave is for training"}
    stands: ClassVar[str] = "`split = {}(...)` in a `data` section"

    def columns(self) -> tuple[str, ...]:
        """The fields of the source that decide."""
        return ()

    def assign(self, rows: int, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rows of each split by its name, as integer arrays; ``train`` is always there.

        ``columns`` holds the arrays that `columns` asked for. The same rows give the same answer
        on every machine and with every version of numpy.
        """
        raise NotImplementedError(f"{type(self).__name__}.assign")


NUMBERED = 4
"""Names that differ in their number are drawn together where there are so many."""


def _drawn_together(names: list[str]) -> list[str]:
    stems: dict[str, list[str]] = {}
    for name in names:
        stems.setdefault(name.rstrip("0123456789"), []).append(name)
    return [
        found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"
        for stem, alike in stems.items()
        for found in ([alike] if len(alike) >= NUMBERED else [[name] for name in alike])
    ]


def listed(names: Sequence[str] | Mapping[str, Any], most: int = 8) -> str:
    """Names for a message: ``a, b, c and 12 more``; many that are numbered: ``p0 to p63``."""
    names = _drawn_together(list(names))
    if len(names) <= most + 1:
        return ", ".join(names) or "none"
    return f"{', '.join(names[:most])} and {len(names) - most} more"
