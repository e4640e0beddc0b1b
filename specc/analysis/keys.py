"""Values without their written faces, and with other ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from specc.analysis.values import (
    ListValue,
    Plain,
    RecordValue,
    TensorValue,
    Value,
    holds_tensors,
)
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc.types.terms import Term

if TYPE_CHECKING:
    pass


def map_value_terms(value: Value, change: Callable[[Term], Term]) -> Value:
    """A value with the written faces of its sizes changed."""
    if isinstance(value, TensorValue):
        type_ = map_type_terms(value.type, change)
        return value if type_ is value.type else replace(value, type=type_)
    if isinstance(value, RecordValue):
        fields = {
            key: replace(each, type=map_type_terms(each.type, change))
            for key, each in value.fields.items()
        }
        return value if fields == value.fields else replace(value, fields=fields)
    if isinstance(value, ListValue) and holds_tensors(value):
        items = tuple(map_value_terms(item, change) for item in value.items)
        columns = tuple(map_value_terms(column, change) for column in value.columns)
        length = None if value.length is None else change(value.length)
        pairs = zip((*items, *columns), (*value.items, *value.columns), strict=True)
        if all(a is b for a, b in pairs) and length is value.length:
            return value
        return replace(value, items=items, columns=columns, length=length)
    return value


def map_type_terms(type_: TensorType, change: Callable[[Term], Term]) -> TensorType:
    """A type with the written faces of its sizes changed."""
    dims = tuple(
        dim if (term := change(dim.term)) is dim.term or term == dim.term else Dim(dim.poly, term)
        for dim in type_.dims
    )
    return type_ if dims == type_.dims else TensorType(type_.element, dims)


def state_key(value: Value) -> object:
    """What makes two values the same for the analysis, written faces aside."""
    match value:
        case TensorValue(type=type_):
            return ("tensor", type_key(type_))
        case RecordValue(fields=fields):
            return ("record", tuple((k, type_key(f.type)) for k, f in fields.items()))
        case ListValue(items=items):
            return ("list", tuple(state_key(item) for item in items))
        case Plain(value=Dim() as dim):
            return ("plain", dim.poly)
        case Plain(value=inner):
            return ("plain", type(inner), inner)
        case _:
            return ("other", id(value))


def type_key(type_: TensorType) -> object:
    """A type without its written faces."""
    bound = type_.element.bound
    bounds = (bound,) if isinstance(bound, Dim) else bound or ()
    return (
        type_.element.name,
        tuple(b.poly for b in bounds),
        tuple(dim.poly for dim in type_.dims),
    )
