"""Text as characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Outputs, Ragged, Site, Transform
from specc.stdlib.families.texts import joined
from specc.types.tensor import TensorType


class Characters(Transform):
    """Cuts a text into its characters (code points of Unicode): ``str[]`` becomes ``str[T]``."""

    signature = "str[] -> str[T]"
    makes_ragged = True

    def infer(self, site: Site) -> Outputs:
        return TensorType(site.inputs["x"].element, (site.length(),))

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return Ragged.of_texts(column)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return joined(column, "")
