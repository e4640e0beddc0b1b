"""Encoded images as arrays of bytes: opened by Pillow, many at a time.

Pillow lets go of the interpreter while it decodes and resizes, so that threads use every core.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc_vision.fields import CHANNELS, Fit, Mode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Bytes = NDArray[np.uint8]

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What is decoded, whatever a file is called. Others of Pillow's would start programs (EPS)."""

SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff")
) | {".webp"}

MOST_PIXELS = 89_478_485
"""A file of a few bytes can promise more pixels than there is memory for. This is where Pillow
warns (a quarter of a gigabyte in RGB); here it is the end."""

_AT_ONCE = 64
"""So many images for each thread are on their way at a time."""

_MOST_WORKERS = 16

_TRANSPOSED = frozenset((5, 6, 7, 8))
"""Orientations (EXIF) in which height and width are exchanged."""

_ORIENTATION = 0x0112


class BadImageError(Exception):
    """An image cannot be used; the text says why."""


class OtherSizeError(BadImageError):
    """An image has another size than the rest."""


Content = Path | bytes | BadImageError
"""An encoded image: a file, or its bytes, or why there is none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What images are made to be. Without a ``size`` each keeps its own, as (height, width)."""

    size: tuple[int, int] | None
    mode: Mode
    fit: Fit = "stretch"


def size_of(content: Content) -> tuple[int, int]:
    """Height and width, from the header alone.

    Raises:
        BadImageError: if there is no image that may be decoded.
    """
    with quiet(), _opened(content) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION) in _TRANSPOSED
        return (width, height) if turned else (height, width)


def decoded(content: Content, wanted: Wanted) -> Bytes:
    """The pixels of an image, ``uint8[C, H, W]``, turned as its camera was held.

    Transparency is dropped; of several frames the first is taken.

    Raises:
        BadImageError: if it cannot be decoded.
    """
    import numpy as np
    from PIL import ImageOps
    from PIL.Image import Resampling

    with _opened(content) as image:
        turned = image.getexif().get(_ORIENTATION, 1) != 1
        upright = ImageOps.exif_transpose(image) if turned else image
        upright = upright.convert(wanted.mode.upper())
        if wanted.size is not None and wanted.size != (upright.height, upright.width):
            size = wanted.size[1], wanted.size[0]
            match wanted.fit:
                case "stretch":
                    upright = upright.resize(size, Resampling.BILINEAR)
                case "crop":
                    upright = ImageOps.fit(upright, size, Resampling.BILINEAR)
                case "pad":
                    upright = ImageOps.pad(upright, size, Resampling.BILINEAR)
        pixels = np.asarray(upright)
        return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def decode_into(
    array: Bytes,
    contents: Sequence[Content],
    wanted: Wanted,
    bad: Callable[[int, BadImageError], None],
) -> None:
    """Decode image ``i`` into ``array[i]``; those that cannot be are told to ``bad``, in order."""

    def decode(place: int) -> BadImageError | None:
        try:
            pixels = decoded(contents[place], wanted)
            check_size(pixels.shape[1:], array.shape[2:])
        except BadImageError as error:
            return error
        array[place] = pixels
        return None

    workers = _workers()
    with quiet(), ThreadPoolExecutor(workers) as pool:
        # A few at a time, so that a bad one early on is not told of after all have been decoded.
        for start in range(0, len(contents), _AT_ONCE * workers):
            places = range(start, min(start + _AT_ONCE * workers, len(contents)))
            for place, error in zip(places, pool.map(decode, places), strict=True):
                if error is not None:
                    bad(place, error)


def _workers() -> int:
    """One thread for each core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST_WORKERS)
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def check_size(given: Sequence[int], wanted: Sequence[int]) -> None:
    """Raise an `OtherSizeError` unless both are the same height and width."""
    if tuple(given) != tuple(wanted):
        one, other = (" x ".join(map(str, size)) for size in (given, wanted))
        raise OtherSizeError(f"it has {one} pixels, others have {other}")


def empty(count: int, size: tuple[int, int], mode: Mode) -> Bytes:
    """An array for so many images."""
    import numpy as np

    return np.empty((count, CHANNELS[mode], *size), np.uint8)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings off the terminal: what matters of them is an error here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


@contextmanager
def _opened(content: Content) -> Iterator[Image]:
    """The image with its header read. Whatever goes wrong inside is a fault of the image."""
    import PIL.Image

    if isinstance(content, BadImageError):
        raise content
    stream: Any = io.BytesIO(content) if isinstance(content, bytes) else content
    try:
        with PIL.Image.open(stream, formats=FORMATS) as image:
            _check(image)
            yield image
    except (BadImageError, MemoryError):
        raise
    except PIL.Image.DecompressionBombError as error:
        raise _too_large() from error
    except PIL.UnidentifiedImageError as error:
        raise BadImageError(f"it is none of {', '.join(FORMATS)}, or it is damaged") from error
    except OSError as error:
        raise BadImageError(error.strerror or str(error)) from error
    except Exception as error:  # damaged files make decoders raise all there is
        raise BadImageError(f"it is damaged: {error}") from error


def _check(image: Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_large()
    if image.mode.startswith(("I", "F")):
        raise BadImageError("it has more than 8 bits a channel, which would be cut off")


def _too_large() -> BadImageError:
    return BadImageError(f"it says it has more than {MOST_PIXELS:,} pixels, and is not unpacked")
