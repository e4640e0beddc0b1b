"""Text as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from specc.components import Outputs, Ragged, Site, Transform
from specc.stdlib.families.texts import joined
from specc.types.tensor import TensorType


class SplitWords(Transform):
    """Cuts a text where it has blanks: ``str[]`` becomes ``str[T]``.

    Between two words stands any white space, or exactly ``separator`` where it is given.
    """

    signature = "str[] -> str[T]"
    makes_ragged = True

    separator: str | None = Field(default=None, min_length=1)

    def infer(self, site: Site) -> Outputs:
        return TensorType(site.inputs["x"].element, (site.length(),))

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return Ragged.of_texts([text.split(self.separator) for text in column])

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return joined(column, self.separator or " ")
