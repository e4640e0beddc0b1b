"""Tokens that are learned from the training rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field

from specc.components import Example, Outputs, Ragged, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors import BAD_SETTING
from specc.types.tensor import Element, TensorType
from specc_text.coding import Keep, decoded, encoded, opened
from specc_text.learning import (
    BYTES,
    SPECIAL,
    Model,
    Normalization,
    Recipe,
    TooFewIdsError,
    learned,
)

PADDING, UNKNOWN, BEGIN, END = range(len(SPECIAL))


class Tokenize(Transform):
    """Cuts texts into tokens, which are learned from the training rows, and numbers these.

    ``str[]`` becomes ``ids(vocab)[T]``. Attributes: ``vocab``, how many ids there are, and
    ``max_length``. Ids 0 to 3 are padding, unknown, the beginning and the end of a text; the tokens
    of each model follow from 4 on. ``model`` is one of

    - ``"whitespace"``: words, between which stands white space; the most frequent ones,
    - ``"wordpiece"``: words and punctuation in pieces, as BERT has them (Schuster and Nakajima,
      2012),
    - ``"bpe"``: pairs of bytes that are merged, as GPT-2 has them (Sennrich et al., 2016). No text
      is unknown to it, and every text comes back as it was,
    - ``"characters"``: code points of Unicode.

    ``vocab_size`` is the most ids that there may be, the four among them. What occurs less than
    ``min_frequency`` times becomes no token. ``normalization`` (a form of Unicode), ``lower`` and
    ``strip_accents`` change a text before it is cut. ``begin`` and ``end`` put ids 2 and 3 around
    each. With ``max_length`` a text has at most so many ids, these two among them: its first ones,
    or (``keep="last"``) its last.

    The inverse gives text: up to the end (id 3), without padding and beginning.
    """

    signature = "str[] -> any[...]"
    attributes = ("vocab", "max_length")
    makes_ragged = True
    examples = (
        Example("str[]", model="whitespace", begin=True, max_length=4, keep="last"),
        Example("str[]", model="wordpiece", vocab_size=40, lower_=True),
        Example("str[]", model="bpe", vocab_size=270, min_frequency=2, strip_accents=True),
        Example("str[]", model="characters", end=True, normalization="nfkc"),
    )

    model: Model
    vocab_size: int = Field(default=30_000, gt=len(SPECIAL))
    min_frequency: int = Field(default=0, ge=0)
    normalization: Normalization | None = None
    lower_: bool = False
    strip_accents: bool = False
    begin: bool = False
    end: bool = False
    max_length: int | None = Field(default=None, ge=1)
    keep: Keep = "first"

    def infer(self, site: Site) -> Outputs:
        if self.model == "bpe" and self.vocab_size < len(SPECIAL) + BYTES:
            raise Refusal(
                BAD_SETTING,
                f"bpe has an id for each of {BYTES} bytes, and {len(SPECIAL)} more",
                help=f"give it more than {len(SPECIAL) + BYTES}, such as 8000",
                field="vocab_size",
            )
        if self.max_length is not None and self.max_length <= self.begin + self.end:
            raise Refusal(
                BAD_SETTING,
                f"{self.max_length} ids have no room for text between beginning and end",
                field="max_length",
            )
        return TensorType(Element("ids", site.fitted["vocab"]), (site.length(),))

    def fit(self, column: Any, bound: Bound) -> dict[str, Any]:
        return self.learn([column], bound)

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        recipe = Recipe(
            self.model,
            self.vocab_size,
            self.min_frequency,
            self.normalization,
            self.lower_,
            self.strip_accents,
            self.begin,
            self.end,
        )
        try:
            text = learned(recipe, (part.tolist() for part in parts))
        except TooFewIdsError as error:
            raise Refusal(
                BAD_SETTING,
                f"vocab_size={self.vocab_size} has no room for the letters of the training rows",
                help=f"{error.needed} ids are the least, and each more is a piece of a word",
            ) from error
        vocab = opened(text).get_vocab_size()
        return {"vocab": vocab, "max_length": self.max_length, "tokenizer": text}

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        vocab = state["vocab"]
        assert isinstance(vocab, int)
        return vocab

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        tokenizer = opened(state["tokenizer"], self.max_length, self.keep)
        tokenizer.encode_special_tokens = True  # a text that has "[EOS]" in it does not end there
        return encoded(tokenizer, column.tolist(), special_tokens=True)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        assert isinstance(column, Ragged)
        rows = [list(_said(column.row(row).tolist())) for row in range(len(column))]
        return decoded(opened(state["tokenizer"]), rows, skip=False)


def _said(ids: list[int]) -> Iterator[int]:
    """The ids that are text."""
    for each in ids:
        if each == END:
            return
        if each not in (PADDING, BEGIN):
            yield each
