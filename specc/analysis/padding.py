"""Ragged sizes in batches: which tensors are padded, and who must know what is padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from specc.analysis import errors_sections as errors
from specc.analysis.frame import Frame, Inputs
from specc.analysis.values import Recipe, TensorValue, is_tensor, tensor_of
from specc.components import Loss, Metric
from specc.components.ragged import is_ragged
from specc.components.site import Precondition
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.elements import Element
from specc.types.poly import Poly
from specc.types.signature import parse
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from specc.analysis.apply import Applied
    from specc.analysis.columns import ColumnValue, DataSection

_MASKED = {"mean": "masked_mean", "max": "masked_max", "amax": "masked_max"}


def in_batch(frame: Frame, data: DataSection, column: ColumnValue, batch: Dim) -> TensorType:
    """The type of a field in a batch.

    Its ragged size becomes one of this data alone, which no name in a model can mean by chance, and
    which lies between the shortest and the longest row.
    """
    dims = [batch]
    for dim in column.type.dims:
        if not is_ragged(dim):
            dims.append(dim)
            continue
        name = f"{data.name}.{dim}"
        frame.context.ragged.add(name)
        dims.append(Dim(Poly.var(name), dim.term))
        longest, shortest = (column.attributes[key] for key in ("max_length", "min_length"))
        assert isinstance(longest, Dim)
        assert isinstance(shortest, Dim)
        if longest.known is not None:
            frame.context.measured.add(name)
        frame.facts = frame.facts.with_at_least(longest.poly - Poly.var(name), 0)
        frame.facts = frame.facts.with_at_least(Poly.var(name) - shortest.poly, 0)
    return TensorType(column.type.element, tuple(dims))


def derived_types(frame: Frame, type_: TensorType) -> dict[str, TensorType]:
    """What a ragged field brings with it: where values stand, and how many there are."""
    batch, *dims = type_.dims
    if not dims or not padded(frame, dims[:1]):
        return {}
    return {
        "mask": TensorType(Element("mask"), (batch, dims[0])),
        "lengths": TensorType(Element("int"), (batch,)),
    }


def padded(frame: Frame, dims: Iterable[Dim]) -> frozenset[str]:
    """The ragged sizes that are among some dims, or in them."""
    return frozenset(name for dim in dims for name in dim.poly.variables) & frame.context.ragged


# --- what needs a mask -------------------------------------------------------------------------


def look_for_padding(frame: Frame, applied: Applied, recipe: Recipe, place: Span) -> None:
    """Warn where a ragged axis is reduced and nothing says which places count."""
    site, outputs = applied.site, applied.outputs
    if not frame.context.ragged or "mask" in site.inputs:
        return
    types = outputs if isinstance(outputs, tuple) else tuple(outputs.values())
    kept = padded(frame, (dim for type_ in types for dim in type_.dims))
    for type_ in site.inputs.values():
        for dim in type_.dims:
            if not padded(frame, [dim]) - kept or type_.element.base == "bool":
                continue
            better = _MASKED.get(recipe.written, "masked_mean")
            frame.error(
                errors.PADDING_REDUCED,
                f"`{recipe.written}` takes the padding of {dim} for values",
                place,
                f"{type_} is padded",
                help=f"with a mask it is left out: `(x, mask=words.mask) |> {better}`",
            )
            return


def says_what_counts(
    frame: Frame, cls: type[Loss | Metric], recipe: Recipe, inputs: Inputs, place: Span
) -> bool:
    """Whether a loss or metric over ragged tensors is told which places count; else reported."""
    tensors = [tensor_of(value) for value, _ in inputs.positional if is_tensor(value)]
    ragged = [tensor for tensor in tensors if padded(frame, tensor.type.dims)]
    if not ragged or any(name.id == "mask" for name, _ in inputs.named):
        return True
    declared = parse(cls.signature).inputs
    takes = any(each.name == "mask" for each in declared)
    if takes and len(inputs.positional) == len(declared):
        return True
    fields = [each.expr.name for each in ragged if isinstance(each.expr, ir.Local)]
    field = next((name for name in reversed(fields) if "mask" in _members(frame, name)), "words")
    frame.error(
        errors.NEEDS_MASK,
        f"`{recipe.written}` would count the padding of {ragged[-1].type}",
        place,
        "needs a mask",
        help=f"say which places count: `(..., mask={field}.mask) |> {recipe.written}`"
        if takes
        else "it takes no mask: reduce the ragged axis first, with `masked_mean`, say",
    )
    return False


def _members(frame: Frame, name: str) -> Iterable[str]:
    """The attributes of a field, where the name is one."""
    binding = frame.find(name)
    value = None if binding is None else binding.value
    return value.attributes if isinstance(value, TensorValue) else ()


def check_lengths(frame: Frame, conditions: Iterable[tuple[Precondition, Span]]) -> None:
    """Report what a model demands of ragged sizes and some row does not have.

    Before the data was read its longest row has no number, and nothing is known to be wrong.
    """
    for condition, place in conditions:
        poly = condition.size.poly
        if not poly.variables or not poly.variables <= frame.context.measured:
            continue
        if not frame.facts.at_least(poly, condition.least):
            frame.error(
                errors.LENGTHS_DO_NOT_FIT,
                condition.why,
                place,
                "not so for every row",
                help="the longest row is `words.max_length`; `truncate` cuts longer ones",
            )
