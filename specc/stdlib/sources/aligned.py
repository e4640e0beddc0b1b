"""Texts that belong together line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE, BAD_ROW
from specc.components.fields import Texts
from specc.components.files import inside
from specc.stdlib.families.texts import as_texts, content_of, lines_of
from specc.stdlib.sources.text_lines import TextLines
from specc.types.tensor import Element, TensorType


class Aligned(Source):
    """Line by line, several text files say the same: sentences and their translations.

    ``aligned(["train.en", "train.ja"])`` has the fields ``en`` and ``ja``, each ``str[]``: the
    endings of the files, unless ``names`` calls them otherwise. All files have equally many lines.
    """

    paths: Texts
    names: Texts | None = None

    def describe(self, root: Path) -> Schema:
        for path in self.paths:
            inside(root, path, field="paths")
        return Schema(dict.fromkeys(self._names(), TensorType(Element("str"), ())))

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        texts = [lines_of(content_of(root, path, "paths")) for path in self.paths]
        counts = [len(lines) for lines in texts]
        if len(set(counts)) > 1:
            short, long = (
                self.paths[counts.index(min(counts))],
                self.paths[counts.index(max(counts))],
            )
            raise Refusal(
                BAD_ROW,
                f"{long}:{min(counts) + 1}: `{short}` has no such line, it has {min(counts)}",
                help="the files belong together line by line",
                field="paths",
            )
        named = dict(zip(self._names(), texts, strict=True))
        return {name: as_texts(named[name]) for name in columns}

    def reading(self, path: str, columns: Sequence[str]) -> Source:
        return TextLines.of_file(path, columns)

    def where(self, root: Path, row: int) -> str:
        return f"{self.paths[0]}:{row + 1}"

    def _names(self) -> tuple[str, ...]:
        names = self.names or tuple(Path(path).suffix.removeprefix(".") for path in self.paths)
        if len(names) != len(self.paths) or len(set(names)) < len(names) or "" in names:
            raise Refusal(
                BAD_FILE,
                f"{len(self.paths)} files need as many different names",
                help='such as `names=["source", "target"]`',
                field="names" if self.names else "paths",
            )
        return names
