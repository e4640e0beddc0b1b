"""Words as ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from specc.components import Outputs, Site, Transform
from specc.components.data import Bound
from specc.types.tensor import Element, TensorType

PADDING = 0
UNKNOWN = 1
FIRST_WORD = 2


class Vocabulary(Transform):
    """Numbers the words of the training rows, the most frequent ones first.

    ``str[T]`` becomes ``ids(vocab)[T]``; the attribute ``vocab`` is how many ids there are. Id 0 is
    padding and stands for no word, id 1 for every word that is not in the vocabulary; the words
    follow from 2 on. A word of fewer than ``min_count`` occurrences is left out, and with
    ``max_size`` the vocabulary has at most so many words. ``lower`` reads all in lower case.
    """

    signature = "str[...] -> any[...]"
    attributes = ("vocab",)
    elementwise = True

    min_count: int = Field(default=1, ge=1)
    max_size: int | None = Field(default=None, ge=1)
    lower_: bool = False

    def infer(self, site: Site) -> Outputs:
        return TensorType(Element("ids", site.fitted["vocab"]), site.inputs["x"].dims)

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        counts = Counter[str]()
        for part in parts:
            counts.update(self._read(part))
        frequent = [word for word, count in counts.items() if count >= self.min_count]
        # By count and then by spelling, so that the order of the rows changes nothing.
        words = sorted(frequent, key=lambda word: (-counts[word], word))[: self.max_size]
        return {"vocab": len(words) + FIRST_WORD, "words": words}

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        ids = {word: i for i, word in enumerate(state["words"], start=FIRST_WORD)}
        found = (ids.get(word, UNKNOWN) for word in self._read(column))
        return np.fromiter(found, np.int64, column.size).reshape(column.shape)

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        vocab = state["vocab"]
        assert isinstance(vocab, int)
        return vocab

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        """The words; `None` for padding and for what was unknown."""
        import numpy as np

        return np.array([None, None, *state["words"]], object)[column]

    def _read(self, column: Any) -> list[str]:
        words = column.reshape(-1).tolist()
        return [word.lower() for word in words] if self.lower_ else words
