"""Names of classes as ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Example, Outputs, Refusal, RowRefusal, Site, Transform
from specc.components.data import Bound, listed
from specc.components.errors import BAD_KIND
from specc.components.errors_data import UNKNOWN_VALUE
from specc.components.ragged import without_ragged
from specc.types.tensor import Element, TensorType


class Categories(Transform):
    """Numbers the different values of the training rows from 0, in their sorted order.

    Input ``str[]``, ``int[]``, ``uint8[]`` or ``bool[]``, output ``ids(classes)[]``; the attribute
    ``classes`` is how many there are. Stacked columns have classes of their own each: ``str[2]``
    becomes ``ids([7, 8])[2]``. A value that no training row has is an error, unless ``unknown``
    gives all of these one more id, the last. Over ragged rows (``str[T]``, the tags of words) all
    values have the same classes.
    """

    signature = "any[...] -> any[...]"
    attributes = ("classes",)
    per_column = True
    elementwise = True
    examples = (
        Example("str[]"),
        Example("int[]", unknown=True),
    )

    unknown: bool = False

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        rank = len(without_ragged(given.dims))
        if given.element.base == "float" or given.element.name == "ids" or rank > 1:
            raise Refusal(
                BAD_KIND,
                f"categories takes one value a column, not {given}",
                help="text, whole numbers or truth values",
                tensor="x",
            )
        return TensorType(Element("ids", site.fitted["classes"]), given.dims)

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        import numpy as np

        seen: list[set[Any]] = []
        for part in parts:
            columns = [part] if part.ndim == 1 else list(part.T)
            flat = part.ndim == 1
            seen = seen or [set() for _ in columns]
            for values, column in zip(seen, columns, strict=True):
                values.update(np.unique(column).tolist())
        found = [sorted(values) for values in seen]
        if flat:
            return {"classes": len(found[0]) + self.unknown, "values": found[0]}
        return {"classes": [len(v) + self.unknown for v in found], "values": found}

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        if isinstance(state["classes"], int):
            return self._ids(column, state["values"])
        parts = zip(column.T, state["values"], strict=True)
        return np.stack([self._ids(part, values) for part, values in parts], axis=1)

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        if isinstance(state["classes"], int):
            return _values(column, state["values"])
        parts = zip(column.T, state["values"], strict=True)
        return np.stack([_values(part, values) for part, values in parts], axis=1)

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        classes = state["classes"]
        return classes if isinstance(classes, int) else tuple(classes)

    def _ids(self, column: Any, values: list[Any]) -> Any:
        import numpy as np

        ids = {value: i for i, value in enumerate(values)}
        present, inverse = np.unique(column.reshape(-1), return_inverse=True)
        missing = len(values) if self.unknown else -1
        found = np.array([ids.get(value, missing) for value in present.tolist()], np.int64)[inverse]
        wrong = np.flatnonzero(found < 0)
        if len(wrong):
            value = column.reshape(-1)[wrong[0]]
            rows = np.unique(wrong // max(1, column.size // len(column)))
            shown = [str(value) for value in values]
            raise RowRefusal(
                UNKNOWN_VALUE,
                f"the value {value!s} is in no training row",
                int(rows[0]),
                rows=rows,
                help=f"they have {listed(shown)}; unknown=true gives others an id of their own",
            )
        return found.reshape(column.shape)


def _values(ids: Any, values: list[Any]) -> Any:
    """The values of ids; `None` for the id of those that were unknown."""
    import numpy as np

    return np.array([*values, None], object)[ids]
