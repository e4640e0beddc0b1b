"""Types of configuration fields.

Sizes may be known (an int) or symbolic (a `Dim`, such as the number of classes before the data was
read); everything else is a plain value.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from specc.types.dim import Dim

LARGEST_SIZE = 2**31 - 1


def _whole(least: int) -> Any:
    def check(value: Any) -> int | Dim:
        if isinstance(value, Dim):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("has to be a whole number")
        if value < least:
            raise ValueError(f"has to be at least {least}")
        if value > LARGEST_SIZE:
            raise ValueError(f"has to be at most {LARGEST_SIZE:,}")
        return value

    return check


def describe(value: Any) -> str:
    """A plain value in the words of the language: ``the string "3"``, ``true``, ``3.0``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the string "{value}"'
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return str(value)


def _repeated(count: int, least: int) -> Any:
    single = _whole(least)

    def check(value: Any) -> tuple[int | Dim, ...]:
        if isinstance(value, (list, tuple)):
            if len(value) != count:
                raise ValueError(f"has to be one whole number or a list of {count}")
            return tuple(single(item) for item in value)
        return (single(value),) * count

    return check


def as_tuple(value: Any) -> Any:
    """A list of the language as the tuple that a field of several values is."""
    return tuple(value) if isinstance(value, list) else value


Size = Annotated[int | Dim, PlainValidator(_whole(1))]
"""A size: at least 1."""

Count = Annotated[int | Dim, PlainValidator(_whole(0))]
"""A number of things: at least 0."""

Single = Annotated[tuple[int | Dim], PlainValidator(_repeated(1, 1))]
Pair = Annotated[tuple[int | Dim, int | Dim], PlainValidator(_repeated(2, 1))]
"""One size for both spatial axes, or ``[height, width]``."""

Triple = Annotated[tuple[int | Dim, int | Dim, int | Dim], PlainValidator(_repeated(3, 1))]

SingleCount = Annotated[tuple[int | Dim], PlainValidator(_repeated(1, 0))]
PairCount = Annotated[tuple[int | Dim, int | Dim], PlainValidator(_repeated(2, 0))]
TripleCount = Annotated[tuple[int | Dim, int | Dim, int | Dim], PlainValidator(_repeated(3, 0))]

Axis = int
"""An axis as in torch: from 0, or negative from the end. Axis 0 is the batch."""

Sizes = Annotated[tuple[int | Dim, ...], BeforeValidator(as_tuple)]
Ints = Annotated[tuple[int, ...], BeforeValidator(as_tuple)]
Floats = Annotated[tuple[float, ...], BeforeValidator(as_tuple)]
Texts = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
FloatPair = Annotated[tuple[float, float], BeforeValidator(as_tuple)]
Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Positives = Annotated[tuple[Positive, ...], BeforeValidator(as_tuple)]
NotNegative = Annotated[float, Field(ge=0)]
