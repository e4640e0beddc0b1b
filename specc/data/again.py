"""New rows through transforms that were fitted before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specc.components import Ragged, Refusal, RowRefusal, Source
from specc.components.data import Schema
from specc.components.errors_data import BAD_ROW
from specc.data.checks import check_finite
from specc.data.errors import NO_NEW_ROWS
from specc.data.fields import applied, settled
from specc.data.plan import FieldPlan
from specc.data.rows import Column


def source_of(source: Source, path: str) -> Source:
    """The source that reads ``path`` as ``source`` reads its own file.

    Raises:
        Refusal: if the source does not read a file.
    """
    first = next(iter(source.parts().values()), source)
    if "path" not in type(first).model_fields:
        raise Refusal(
            NO_NEW_ROWS,
            f"rows of {type(first).__name__.lower()} are not read from a file of their own",
            help="predict takes files of the kind that the model was trained on",
        )
    return first.model_copy(update={"path": path})


def columns_of(
    fields: Sequence[FieldPlan],
    states: Mapping[str, Sequence[Mapping[str, Any]]],
    source: Source,
    schema: Schema,
    root: Path,
) -> dict[str, Column]:
    """The fields of every row of a source, transformed as the training rows were.

    ``schema`` is that of the training rows: a file of a few rows may look as if it had others.

    Raises:
        Refusal: if a column is missing or a value is wrong; its row is named by file and line.
    """
    import numpy as np

    wanted = tuple(dict.fromkeys(column for field in fields for column in field.columns))
    source.describe(root).select(wanted)
    raw = {
        name: _as_trained(name, column, schema.fields[name].element.base, source, root)
        for name, column in source.read(root, wanted).items()
    }
    found: dict[str, Column] = {}
    for field in fields:
        parts = [raw[name] for name in field.columns]
        column: Column = np.stack(parts, axis=-1) if field.stacked else parts[0]
        try:
            check_finite(field, column)
            for transform, state in zip(field.transforms, states[field.name], strict=True):
                column = applied(transform, column, state)
            found[field.name] = settled(column, field.type)
        except RowRefusal as refusal:
            raise Refusal(
                refusal.code,
                f"{source.where(root, refusal.row)}: {refusal.message}",
                help=refusal.help,
                field=field.name,
            ) from refusal
    return found


def _as_trained(name: str, column: Column, base: str, source: Source, root: Path) -> Column:
    """A column in the kind that it had in training: text for text, numbers for numbers."""
    import numpy as np

    if isinstance(column, Ragged) or (column.dtype == object) == (base == "str"):
        return column
    if base == "str":
        return np.array([str(value) for value in column.tolist()], object)
    values = np.empty(len(column))
    for row, text in enumerate(column):
        try:
            values[row] = float(text) if text.strip() else np.nan
        except ValueError:
            raise Refusal(
                BAD_ROW,
                f"{source.where(root, row)}: `{name}` is {text!r}, and was a number in training",
            ) from None
    return values


def invert(field: FieldPlan, states: Sequence[Mapping[str, Any]], values: Any) -> Any:
    """Predictions of a field as the values that its column holds.

    Raises:
        Refusal: if one of its transforms has no way back.
    """
    for transform, state in zip(reversed(field.transforms), reversed(states), strict=True):
        try:
            values = transform.invert(values, state)
        except NotImplementedError as error:
            raise Refusal(
                NO_NEW_ROWS,
                f"`{field.name}` cannot be taken back: {error}",
                help="write the output without inverse",
                field=field.name,
            ) from error
    return values
