"""New rows through transforms that were fitted before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError

from specc.components import Ragged, Refusal, RowRefusal, Source
from specc.components.data import Schema, listed
from specc.components.errors_data import BAD_COLUMN, BAD_ROW, NO_COLUMN
from specc.components.ragged import is_ragged
from specc.data.checks import check_finite
from specc.data.errors import NO_NEW_ROWS
from specc.data.fields import applied, settled
from specc.data.plan import FieldPlan
from specc.data.rows import Column
from specc.diagnostics import did_you_mean
from specc.registry.records import component_name
from specc.types.tensor import TensorType


def source_of(
    source: Source, path: str, columns: Sequence[str], kinds: Iterable[type[Source]]
) -> Source:
    """The source of new rows at ``path``.

    That is ``source``, which the training rows came from, with another path; or, for a file whose
    name ends as none of its own does, the one of ``kinds`` that reads such files.

    Raises:
        Refusal: if there is none.
    """
    first = next(iter(source.parts().values()), source)
    if first.takes is not None:
        inner = source_of(getattr(first, first.takes), path, columns, kinds)
        return first.model_copy(update={first.takes: inner})
    ending = PurePath(path).suffix.lower()
    own = {*first.endings, PurePath(str(getattr(first, "path", ""))).suffix.lower()}
    other = next((kind for kind in kinds if ending and ending in kind.endings), None)
    try:
        if other is None or ending in own:
            chosen = first.reading(path, columns)
        else:
            chosen = other.of_file(path, columns)
    except (NotImplementedError, ValidationError) as error:
        name = component_name(type(first))
        raise Refusal(
            NO_NEW_ROWS,
            f"`{path}` cannot be read as the training rows were: they came from `{name}`, "
            "which is no single file",
            help="csv and json lines with the same columns can be read in its place",
        ) from error
    return chosen.model_copy(update={"bad_rows": "error"})  # a row that is left out has no answer


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

    wanted = columns_needed(fields)
    described = source.describe(root)
    missing = next((name for name in wanted if name not in described.fields), None)
    if missing is not None:
        raise Refusal(
            NO_COLUMN,
            f"`{getattr(source, 'path', 'the source')}` has no column `{missing}`",
            help=did_you_mean(missing, described.fields) or f"it has {listed(described.fields)}",
        )
    for name in wanted:
        _check_form(name, described.fields[name], schema.fields[name])
    raw = {
        name: _as_trained(name, column, schema.fields[name].element.base, source, root)
        for name, column in source.read(root, wanted).items()
    }
    if not len(next(iter(raw.values()), ())):
        raise Refusal(NO_NEW_ROWS, f"`{getattr(source, 'path', 'the source')}` has no rows")
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


def columns_needed(fields: Sequence[FieldPlan]) -> tuple[str, ...]:
    """The fields of the source that some fields are made of."""
    return tuple(dict.fromkeys(column for field in fields for column in field.columns))


def _check_form(name: str, given: TensorType, trained: TensorType) -> None:
    """Refuse rows of another size than the training rows had: images of other pixels, say."""
    one, other = given.dims, trained.dims
    ragged = any(map(is_ragged, (*one, *other)))
    sizes = [(a.known, b.known) for a, b in zip(one, other, strict=False)]
    if ragged or (len(one) == len(other) and all(a == b for a, b in sizes)):
        return
    raise Refusal(
        BAD_COLUMN,
        f"`{name}` is {given}, and was {trained} in training",
        help="new rows have the form that the training rows had",
    )
