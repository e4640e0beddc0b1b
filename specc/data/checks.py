"""What every row of a field has to be: finite, of its type, not empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specc.components import Ragged, Refusal, RowRefusal
from specc.components.errors_data import BAD_COLUMN, MISSING_VALUE, UNKNOWN_VALUE
from specc.components.ragged import is_ragged
from specc.data.errors import EMPTY_ROW
from specc.data.plan import FieldPlan
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def check_finite(plan: FieldPlan, column: Any) -> None:
    """Refuse NaN and infinity; the statistics of a transform would spread one to all rows.

    Raises:
        RowRefusal: at the first row with such a value.
    """
    import numpy as np

    values = column.values if isinstance(column, Ragged) else column
    if values.dtype.kind != "f":
        return
    with np.errstate(all="ignore"):
        # A sum tells most columns apart without an array of truth values.
        if np.isfinite(values.sum(dtype=np.float64)):
            return
    bad = ~np.isfinite(values).reshape(len(values), -1)
    found = np.flatnonzero(bad.any(axis=1))
    if not len(found):
        return
    first = int(found[0])
    entry = int(np.argmax(bad[first]))
    value = values[first].reshape(-1)[entry]
    stacked = plan.stacked and values.ndim == 2 and values.shape[1] == len(plan.columns)
    which = f"`{plan.columns[entry] if stacked else plan.name}`"
    rows = _rows_of(column, found)
    rest = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
    raise RowRefusal(
        MISSING_VALUE,
        f"{which} is {_shown(value)}{rest}",
        int(rows[0]),
        rows=rows,
        help='mend the row, or leave such rows out: `bad_rows="skip"` in the source',
    )


def check_type(plan: FieldPlan, column: Any) -> None:
    """Refuse rows of another shape, and ids that are not below their bound.

    Raises:
        Refusal: if the shape is wrong.
        RowRefusal: at the first row with an id that there is not.
    """
    wanted = plan.type
    if isinstance(column, Ragged):
        sizes = tuple(dim.known for dim in wanted.dims[1:])
        given, same = column.values.shape[1:], bool(wanted.dims) and is_ragged(wanted.dims[0])
    else:
        sizes = tuple(dim.known for dim in wanted.dims)
        given, same = column.shape[1:], not any(map(is_ragged, wanted.dims))
    same = same and len(sizes) == len(given)
    if not same or any(s not in (None, n) for s, n in zip(sizes, given, strict=True)):
        raise Refusal(
            BAD_COLUMN,
            f"a row of `{plan.name}` has the shape {list(given)}, not {wanted}",
            field=plan.name,
        )
    if wanted.element.name == "ids":
        _check_ids(plan, wanted, column)


def check_not_empty(column: Any) -> None:
    """Refuse ragged rows that hold nothing.

    Raises:
        RowRefusal: at the first such row.
    """
    import numpy as np

    if isinstance(column, Ragged):
        empty = np.flatnonzero(column.lengths == 0)
        if len(empty):
            raise RowRefusal(
                EMPTY_ROW,
                "the row has no values",
                int(empty[0]),
                rows=empty,
                help='take it out, or leave such rows out: `bad_rows="skip"` in the source',
            )


def _check_ids(plan: FieldPlan, wanted: TensorType, column: Any) -> None:
    """Ids are whole numbers from 0 and below their bounds, where these are known."""
    import numpy as np

    bound = wanted.element.bound
    sizes = [d.known for d in (bound if isinstance(bound, tuple) else (bound,)) if d]
    if not sizes or None in sizes:
        return  # fitted: the transform that gave the ids has counted them
    values = column.values if isinstance(column, Ragged) else column
    limits = np.array(sizes, np.int64)
    bad = ((values < 0) | (values >= limits)).reshape(len(values), -1)
    found = np.flatnonzero(bad.any(axis=1))
    if len(found):
        first = int(found[0])
        value = values[first].reshape(-1)[int(np.argmax(bad[first]))]
        rows = _rows_of(column, found)
        raise RowRefusal(
            UNKNOWN_VALUE,
            f"`{plan.name}` is {value}, not one of {wanted.element}",
            int(rows[0]),
            rows=rows,
            help="ids count from 0; categories numbers the values that are there",
        )


def _rows_of(column: Any, places: Array) -> Array:
    """The rows that values of a column stand in, each once."""
    import numpy as np

    if not isinstance(column, Ragged):
        return places
    return np.unique(np.searchsorted(column.offsets, places, side="right") - 1)


def _shown(value: Any) -> str:
    return "missing or not a number" if value != value else "infinite"  # noqa: PLR0124
