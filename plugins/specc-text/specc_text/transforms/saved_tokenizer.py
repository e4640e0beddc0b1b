"""Tokens of a tokenizer that was learned elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from specc.components import Outputs, Ragged, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors_data import BAD_FILE
from specc.components.files import inside, unreadable
from specc.types.tensor import Element, TensorType
from specc_text.coding import Keep, LibraryError, decoded, encoded, library_errors, opened

LARGEST = 128 << 20
"""Bytes of a file; those of the largest vocabularies have a quarter of it."""


class SavedTokenizer(Transform):
    """Cuts texts as a ``tokenizer.json`` says, the file that the `tokenizers` library saves and
    that comes with most published models.

    ``str[]`` becomes ``ids(vocab)[T]``. Attributes: ``vocab``, one more than the largest id, and
    ``max_length``. The file's ``special_tokens`` (``[CLS] ... [SEP]``) stand around each text, if
    it has any. With ``max_length`` a text has at most so many ids, these among them: its first
    ones, or (``keep="last"``) its last. What the file itself says of padding and of truncation does
    not count. The file is JSON, from which nothing can be run; a run keeps a copy of it.

    The inverse gives text without special tokens.
    """

    signature = "str[] -> any[...]"
    attributes = ("vocab", "max_length")
    makes_ragged = True
    exceptions = {"inverse": "what has no id is unknown, a special token, and is left out of text"}

    path: str
    special_tokens: bool = True
    max_length: int | None = Field(default=None, ge=1)
    keep: Keep = "first"

    def infer(self, site: Site) -> Outputs:
        return TensorType(Element("ids", site.fitted["vocab"]), (site.length(),))

    def load(self, root: Path) -> dict[str, Any]:
        file = inside(root, self.path)
        try:
            if file.stat().st_size > LARGEST:
                raise self._bad(f"it has more than {LARGEST >> 20} MiB")
            text = file.read_text(encoding="utf-8")
            tokenizer = opened(text)
            with library_errors():  # what stands around texts may name tokens that there are not
                tokenizer.encode("")
        except OSError as error:
            raise unreadable(self.path, error) from error
        except UnicodeDecodeError as error:
            raise self._bad("it is not UTF-8") from error
        except LibraryError as error:
            raise self._bad(str(error)) from error
        ids = tokenizer.get_vocab().values()
        if not ids:
            raise self._bad("it has no tokens")
        added = tokenizer.num_special_tokens_to_add(False) if self.special_tokens else 0
        if self.max_length is not None and self.max_length <= added:
            raise Refusal(
                BAD_FILE,
                f"its {added} special tokens leave no room for text",
                help="max_length counts them",
                field="max_length",
            )
        return {"vocab": max(ids) + 1, "max_length": self.max_length, "tokenizer": text}

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        vocab = state["vocab"]
        assert isinstance(vocab, int)
        return vocab

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        tokenizer = opened(state["tokenizer"], self.max_length, self.keep)
        return encoded(tokenizer, column.tolist(), self.special_tokens)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        assert isinstance(column, Ragged)
        rows = [column.row(row).tolist() for row in range(len(column))]
        return decoded(opened(state["tokenizer"]), rows, skip=True)

    def _bad(self, reason: str) -> Refusal:
        return Refusal(
            BAD_FILE,
            f"`{self.path}` is no tokenizer: {reason}",
            help="`Tokenizer.save` of the library tokenizers writes such files",
            field="path",
        )
