"""What the transforms of numbers have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from specc.components import Outputs, Refusal, Site, Transform
from specc.components.errors import BAD_KIND
from specc.components.errors_data import BAD_COLUMN
from specc.components.ragged import without_ragged
from specc.types.tensor import Dims, Element, TensorType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


class NumberTransform(Transform):
    """Takes numbers of any type, ids excepted, and gives floats of the same shape."""

    signature = "number[...] -> float[...]"
    elementwise = True

    def infer(self, site: Site) -> Outputs:
        if site.inputs["x"].element.name == "ids":
            raise Refusal(
                BAD_KIND,
                "ids are names of classes, not quantities",
                help="one_hot makes floats of them, embedding learns a vector for each",
                tensor="x",
            )
        return TensorType(Element("float"), site.inputs["x"].dims)


def as_floats(column: Any) -> Floats:
    """Whole numbers as 64-bit floats, bytes as 32-bit ones; floats as they are."""
    import numpy as np

    if column.dtype.kind == "f":
        return column.astype(np.float32) if column.dtype.itemsize < 4 else column  # type: ignore[no-any-return]
    return column.astype(np.float32 if column.dtype == np.uint8 else np.float64)  # type: ignore[no-any-return]


def own_axis(rank: int) -> int | None:
    """The axis of a column (0 counts the rows) whose entries have statistics of their own.

    ``rank`` is that of one row. Stacked columns and features (rank 1) have one each, images
    (``[C, H, W]``, rank 3 and above) one for each channel; a number, or a plane without channels
    (rank 2), has a single one.
    """
    return None if rank in (0, 2) else 1


def own_size(dims: Dims) -> int | None:
    """The number of statistics that a row of these dims has, where it is known."""
    dims = without_ragged(dims)
    return 1 if own_axis(len(dims)) is None else dims[0].known


def aligned(values: float | Sequence[float], column: Floats) -> Floats:
    """Statistics in a shape that broadcasts against the column, in its precision."""
    import numpy as np

    axis = own_axis(column.ndim - 1)
    shape = [1] * column.ndim
    if axis is not None and not isinstance(values, (int, float)) and len(values) > 1:
        shape[axis] = len(values)
    return np.asarray(values, column.dtype).reshape(shape)


def statistic(column: Floats, function: Any) -> list[float]:
    """``function(values, axis)`` over all axes but the own one, in 64 bits."""
    own = own_axis(column.ndim - 1)
    axes = tuple(axis for axis in range(column.ndim) if axis != own)
    result = function(column.astype("float64", copy=False), axis=axes)
    return [float(value) for value in result.reshape(-1)]


def check_count(values: float | Sequence[float] | None, site: Site, field: str) -> None:
    """Raise a `Refusal` unless a list of statistics has one for each entry of its axis."""
    if not isinstance(values, Sequence):
        return
    wanted = own_size(site.inputs["x"].dims)
    if wanted is not None and len(values) != wanted:
        raise Refusal(
            BAD_COLUMN,
            f"{field} has {len(values)} values, but {site.inputs['x']} wants {wanted}",
            help="one for each column of a stack, or for each channel of an image",
            field=field,
        )
