"""What a model says of new rows: without padding, as the values that fields are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from specc.components import Ragged, Refusal
from specc.components.ragged import ends, is_ragged
from specc.data.errors import NO_NEW_ROWS
from specc.data.plan import FieldPlan
from specc.types.poly import Poly
from specc.types.tensor import Dims


def without_padding(values: Any, dims: Dims, lengths: Mapping[str, Any]) -> Any:
    """The rows of an array ``[B, ...]``, each only as long as it is.

    ``dims`` are the sizes of the array, its batch first; ``lengths`` has for each ragged size the
    lengths of the rows. Without such a size the array is given back, else a list of arrays.
    """
    ragged = [axis for axis, dim in enumerate(dims) if dim.poly.variables & lengths.keys()]
    if not ragged:
        return values
    rows = []
    for number, row in enumerate(values):
        known = {name: Poly.const(int(length[number])) for name, length in lengths.items()}
        sizes = [
            dims[axis].poly.substitute(known).constant if axis in ragged else None
            for axis in range(1, len(dims))
        ]
        rows.append(row[tuple(slice(size) for size in sizes)])
    return rows


def inverted(field: FieldPlan, states: Sequence[Mapping[str, Any]], rows: Any) -> Any:
    """Predictions of a field as the values that its column holds, row by row.

    Raises:
        Refusal: if one of its transforms has no way back.
    """
    import numpy as np

    values: Any = rows
    if field.type.dims and is_ragged(field.type.dims[0]):
        lengths = np.array([len(row) for row in rows], np.int64)
        values = Ragged(np.concatenate(list(rows)), ends(lengths))
    for transform, state in zip(reversed(field.transforms), reversed(states), strict=True):
        try:
            if isinstance(values, Ragged) and transform.elementwise:
                values = values.with_values(transform.invert(values.values, state))
            else:
                values = transform.invert(values, state)
        except NotImplementedError as error:
            raise Refusal(
                NO_NEW_ROWS,
                f"`{field.name}` cannot be taken back: {error}",
                help="write the output without inverse",
                field=field.name,
            ) from error
    return values


def as_json(rows: Any) -> list[Any]:
    """Rows as lists, numbers and texts."""
    if isinstance(rows, Ragged):
        return [rows.row(row).tolist() for row in range(len(rows))]
    if isinstance(rows, list):
        return [row.tolist() for row in rows]
    return list(rows.tolist())
