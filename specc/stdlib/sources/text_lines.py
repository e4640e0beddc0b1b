"""Text, a row for each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specc.components import Refusal, Schema, Source
from specc.components.data import listed
from specc.components.errors_data import NO_COLUMN
from specc.components.files import inside
from specc.stdlib.families.texts import as_texts, content_of, lines_of
from specc.types.tensor import Element, TensorType


class TextLines(Source):
    """Each line of a text file is a row. Its one field is called ``name``: ``str[]``.

    The text is UTF-8; a line ends with a newline, with a carriage return before it or not.
    """

    endings = (".txt",)

    path: str
    name: str = "text"

    def describe(self, root: Path) -> Schema:
        inside(root, self.path)
        return Schema({self.name: TensorType(Element("str"), ())})

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return dict.fromkeys(columns, as_texts(lines_of(content_of(root, self.path))))

    @classmethod
    def of_file(cls, path: str, columns: Sequence[str]) -> Source:
        if len(columns) != 1:
            raise Refusal(
                NO_COLUMN,
                f"the lines of `{path}` are one column, and {listed(columns)} are needed",
                help="give rows of all of them, as csv or json lines",
            )
        return cls(path=path, name=columns[0])

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}:{row + 1}"
