"""The natural logarithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import RowRefusal
from specc.components.errors_data import BAD_COLUMN
from specc.stdlib.families.columns import NumberTransform, as_floats


class Log(NumberTransform):
    """The natural logarithm, value by value (`torch.log`).

    A value that is not above 0 has none; its row is named.
    """

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        floats = as_floats(column)
        wrong = np.flatnonzero((floats <= 0).reshape(len(floats), -1).any(axis=1))
        if len(wrong):
            row = int(wrong[0])
            value = np.min(floats[row])
            raise RowRefusal(BAD_COLUMN, f"{value:g} has no logarithm", row, rows=wrong)
        return np.log(floats)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        return np.exp(column)
