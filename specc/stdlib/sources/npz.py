"""Several arrays of numpy in one file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE
from specc.components.files import inside, unreadable
from specc.stdlib.families.arrays import ArrayHeader, as_column, read_header

MOST_MEMBERS = 10_000


class Npz(Source):
    """The arrays of an ``.npz`` file, each a field; their first axes count the rows.

    The arrays that a spec uses must have equally many rows. Numbers, booleans and text of fixed
    length are read; an array of Python objects is refused.
    """

    endings = (".npz",)

    path: str

    def describe(self, root: Path) -> Schema:
        with self._opened(inside(root, self.path)) as archive:
            headers = self._headers(archive)
        rows = {header.rows for header in headers.values()}
        fields = {name: header.row_type for name, header in headers.items()}
        return Schema(fields, rows.pop() if len(rows) == 1 else None)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        from numpy.lib import format as npy

        read: dict[str, Any] = {}
        with self._opened(inside(root, self.path)) as archive:
            headers = self._headers(archive, columns)
            first = columns[0]
            for name in columns:
                if headers[name].rows != headers[first].rows:
                    raise self._bad(
                        f"`{first}` has {headers[first].rows} rows, but `{name}` has "
                        f"{headers[name].rows}"
                    )
                with archive.open(f"{name}.npy") as stream:
                    try:
                        read[name] = as_column(npy.read_array(stream, allow_pickle=False))
                    except ValueError as error:
                        raise self._bad(f"`{name}`: {error}") from error
        return read

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}[{row}]"

    def _headers(
        self, archive: zipfile.ZipFile, columns: Sequence[str] | None = None
    ) -> dict[str, ArrayHeader]:
        """The header of each array that has rows; with ``columns``, of these alone."""
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise self._bad(f"it has more than {MOST_MEMBERS} members")
        headers: dict[str, ArrayHeader] = {}
        for member in members:
            name = member.filename.removesuffix(".npy")
            if name == member.filename or (columns is not None and name not in columns):
                continue
            with archive.open(member) as stream:
                header = read_header(stream, f"{self.path}:{name}")
            # An archive that promises more than it holds is not unpacked to find out.
            if member.file_size != header.start + header.size:
                raise self._bad(f"`{name}` has {member.file_size} bytes, not what its shape needs")
            if header.shape:
                headers[name] = header
        if not headers:
            raise self._bad("it holds no array that has rows")
        return headers

    @contextmanager
    def _opened(self, file: Path) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except OSError as error:
            raise unreadable(self.path, error) from error
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
        ) as error:
            raise self._bad(str(error)) from error

    def _bad(self, reason: str) -> Refusal:
        return Refusal(BAD_FILE, f"`{self.path}` cannot be read: {reason}", field="path")
