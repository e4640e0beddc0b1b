"""From texts to the ids of their tokens, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from specc.components import Ragged, RowRefusal
from specc.components.errors_data import UNKNOWN_VALUE
from specc.components.ragged import ends
from specc.stdlib.families.texts import as_texts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Keep = Literal["first", "last"]

_AT_ONCE = 4096
"""So many texts are encoded at a time: what the library says of each is larger than its ids."""


class LibraryError(Exception):
    """The library cannot do it; the text says why."""


@contextmanager
def library_errors() -> Iterator[None]:
    """Whatever the library raises as one error: it has no classes for what can go wrong, and where
    it panics what comes is no `Exception` at all."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # as said above
        raise LibraryError(str(error)) from error


@lru_cache(maxsize=8)
def opened(text: str, max_length: int | None = None, keep: Keep = "first") -> Tokenizer:
    """The tokenizer that a text in the library's JSON describes; it cuts off what is too long.

    Raises:
        LibraryError: if it describes none.
    """
    from tokenizers import Tokenizer

    with library_errors():
        tokenizer = Tokenizer.from_str(text)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if max_length is not None:
            direction = "right" if keep == "first" else "left"
            tokenizer.enable_truncation(max_length, direction=direction)
        return tokenizer


def encoded(tokenizer: Tokenizer, texts: Sequence[str], special_tokens: bool) -> Ragged:
    """The ids of each text, with what the tokenizer puts before and after it.

    Raises:
        RowRefusal: if the tokenizer has no id for something in a text.
    """
    import numpy as np

    parts, lengths = [], []
    for start in range(0, len(texts), _AT_ONCE):
        block = list(texts[start : start + _AT_ONCE])
        try:
            with library_errors():
                found = tokenizer.encode_batch_fast(block, add_special_tokens=special_tokens)
        except LibraryError as error:
            rows = [start + row for row in _refused(tokenizer, block)]
            raise RowRefusal(
                UNKNOWN_VALUE,
                f"the tokenizer does not take the text: {error}",
                rows[0],
                rows=rows,
                help="tokenizers without an unknown token take what they have learned alone",
            ) from error
        parts += [np.array(each.ids, np.int64) for each in found]
        lengths += [len(each) for each in found]
    values = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return Ragged(values, ends(np.array(lengths, np.int64)))


def _refused(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    """The rows among some that are to blame."""
    found = []
    for row, text in enumerate(texts):
        try:
            with library_errors():
                tokenizer.encode(text)
        except LibraryError:
            found.append(row)
    return found or [0]


def decoded(tokenizer: Tokenizer, rows: Sequence[Sequence[int]], skip: bool) -> Any:
    """The text of each row of ids; ``skip`` leaves special tokens out."""
    ids = [list(row) for row in rows]
    return as_texts(tokenizer.decode_batch(ids, skip_special_tokens=skip))
