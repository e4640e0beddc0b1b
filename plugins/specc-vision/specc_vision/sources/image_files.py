"""Images without labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from specc.components.files import inside
from specc_vision.folders import Folder, Found, is_folder
from specc_vision.listed import Listed


class ImageFiles(Listed):
    """All images in a folder and the folders inside it, or one image.

    Fields: the images (``uint8[C, H, W]``) under ``name``, and ``file`` (``str[]``, the path below
    the folder). ``size``, ``mode`` and ``fit`` are those of `image_folder`.
    """

    name: str = "image"

    @property
    def image_field(self) -> str:
        return self.name

    def files(self, root: Path) -> Iterator[Found]:
        if is_folder(root, self.path):
            yield from Folder(root, self.path).files()
        else:
            yield Found("", inside(root, self.path))
