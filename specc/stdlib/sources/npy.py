"""One array of numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specc.components import Held, Refusal, Schema, Source, Table
from specc.components.errors_data import BAD_FILE
from specc.components.files import inside, unreadable
from specc.stdlib.families.arrays import ArrayHeader, as_column, read_header


class Npy(Source):
    """The array of an ``.npy`` file; its first axis counts the rows.

    It has one field, called ``name``. Numbers, booleans and text of fixed length are read; an
    array of Python objects is refused. The file is mapped into memory, not loaded.
    """

    endings = (".npy",)

    path: str
    name: str = "value"

    def describe(self, root: Path) -> Schema:
        header = self._header(inside(root, self.path))
        return Schema({self.name: header.row_type}, header.rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return dict.fromkeys(columns, self._mapped(root))

    def open(self, root: Path, columns: Sequence[str]) -> tuple[Table, Any]:
        return Held(self.read(root, columns)), None

    def _mapped(self, root: Path) -> Any:
        import numpy as np

        file = inside(root, self.path)
        self._header(file)
        try:
            array = np.load(file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            reason = str(error)
            raise Refusal(
                BAD_FILE, f"`{self.path}` cannot be read: {reason}", field="path"
            ) from error
        return as_column(array)

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}[{row}]"

    def _header(self, file: Path) -> ArrayHeader:
        try:
            with file.open("rb") as stream:
                header = read_header(stream, self.path)
            length = file.stat().st_size
        except OSError as error:
            raise unreadable(self.path, error) from error
        if not header.shape:
            raise Refusal(BAD_FILE, f"`{self.path}` holds one value, not rows", field="path")
        if length < header.start + header.size:
            raise Refusal(
                BAD_FILE,
                f"`{self.path}` is cut off: it has {length} bytes of {header.start + header.size}",
                field="path",
            )
        return header
