"""Images in a folder for each class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from specc.components import Source
from specc_vision.folders import Folder, Found
from specc_vision.listed import LOOKED_AT, Listed
from specc_vision.sources.image_files import ImageFiles


class ImageFolder(Listed):
    """Images in one folder for each class: ``data/cat/1.png``, ``data/dog/7.png``.

    Fields: ``image`` (``uint8[C, H, W]``), ``label`` (``str[]``, the name of the folder) and
    ``file`` (``str[]``, the path below the folder). Rows are sorted by their path. Images of
    different sizes need a ``size``, ``[height, width]``, which they are resized to on reading, with
    ``fit`` for those of other proportions: ``"stretch"``, ``"crop"`` or ``"pad"``. ``mode`` is
    ``"rgb"`` (3 channels) or ``"l"`` (grey values, 1 channel).

    Formats: BMP, GIF, JPEG, PNG, PPM, TIFF, WebP, 8 bits a channel. A photo is turned as its
    orientation says; transparency is dropped.
    """

    def texts(self) -> Mapping[str, Callable[[Found], str]]:
        return {"label": lambda found: found.name.partition("/")[0], **super().texts()}

    def reading(self, path: str, columns: Sequence[str]) -> Source:
        """New images, in whatever folders: they have no labels."""
        return ImageFiles(path=path, size=self.size, mode=self.mode, fit=self.fit)

    def files(self, root: Path) -> Iterator[Found]:
        folder = Folder(root, self.path)
        for label in folder.classes():
            yield from folder.files(label)

    def first_files(self, root: Path) -> Iterator[Found]:
        folder = Folder(root, self.path)
        classes = folder.classes()
        for label in classes[:LOOKED_AT]:
            yield from islice(folder.files(label), max(1, LOOKED_AT // len(classes)))
