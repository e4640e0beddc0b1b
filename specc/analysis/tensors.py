"""Operators and indexing on tensors."""

from __future__ import annotations

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_shapes as shapes
from specc.analysis.frame import Frame
from specc.analysis.hints import broadcast_hint, settle_all
from specc.analysis.values import (
    POISON,
    Plain,
    Poison,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.diagnostics import Label, Span
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.elements import Element, ElementFailure, Scalar, arithmetic
from specc.types.poly import Facts, Verdict
from specc.types.tensor import BroadcastFailure, Dims, MatmulFailure, TensorType, broadcast, matmul
from specc.types.terms import Term

# --- operators ---------------------------------------------------------------------------------


def unary(frame: Frame, node: tree.Unary, operand: Value) -> Value:
    """``-x`` and ``not mask`` on a tensor."""
    tensor = tensor_of(operand)
    element = tensor.type.element
    if node.op == "not":
        if element.base != "bool":
            return frame.error(
                meaning.NO_TENSOR_OPERATOR,
                "`not` takes a mask",
                node.span,
                f"this is {tensor.type}",
                help="compare first: `not (x > 0)`",
            )
        expr: ir.Expr = ir.Operation("~", (tensor.expr,))
        return TensorValue(TensorType(element, tensor.type.dims), expr)
    if element.base in ("bool", "str"):
        return frame.error(
            meaning.NO_TENSOR_OPERATOR,
            f"`{node.op}` takes numbers",
            node.span,
            f"this is {tensor.type}",
        )
    if node.op == "+":
        return tensor
    plain = TensorType(element.plain, tensor.type.dims)
    return TensorValue(plain, ir.Operation("neg", (tensor.expr,)))


def binary(frame: Frame, node: tree.Binary, left: Value, right: Value) -> Value:
    """An operator of which at least one side is a tensor."""
    sides: list[tuple[Element | Scalar, Dims, ir.Expr]] = []
    for value, written in ((left, node.left), (right, node.right)):
        side = _operand(value)
        if side is None:
            return frame.error(
                meaning.NO_TENSOR_OPERATOR,
                f"`{node.op}` does not work on {describe(value)}",
                written.span,
                "neither a tensor nor a number",
            )
        sides.append(side)
    (one, one_dims, one_expr), (other, other_dims, other_expr) = sides
    element = arithmetic(node.op, one, other)
    if isinstance(element, ElementFailure):
        return frame.error(
            meaning.NO_TENSOR_OPERATOR,
            f"`{node.op}` cannot be used here: {element.reason}",
            node.op_span,
            f"{_shown(left)} {node.op} {_shown(right)}",
        )
    if node.op == "@":
        dims: Dims | BroadcastFailure | MatmulFailure = matmul(one_dims, other_dims, frame.facts)
    else:
        dims = broadcast(one_dims, other_dims, frame.facts)
    if isinstance(dims, MatmulFailure) and dims.left is None:
        return frame.error(
            meaning.NO_TENSOR_OPERATOR,
            "`@` multiplies matrices",
            node.op_span,
            f"{_shown(left)} @ {_shown(right)}",
        )
    if not isinstance(dims, tuple):
        return _not_together(frame, node, left, right, dims)
    op = {"and": "&", "or": "|"}.get(node.op, node.op)
    return TensorValue(TensorType(element, dims), ir.Operation(op, (one_expr, other_expr)))


def _operand(value: Value) -> tuple[Element | Scalar, Dims, ir.Expr] | None:
    """Element, dims and expression of one side; a number is a scalar without dims."""
    if is_tensor(value):
        tensor = tensor_of(value)
        return tensor.type.element, tensor.type.dims, tensor.expr
    if not isinstance(value, Plain):
        return None
    kind = {bool: Scalar.BOOL, int: Scalar.INT, Dim: Scalar.INT, float: Scalar.FLOAT}.get(
        type(value.value)
    )
    return None if kind is None else (kind, (), ir.Plain(value.term))


def _dims(value: Value) -> Dims:
    return tensor_of(value).type.dims if is_tensor(value) else ()


def _shown(value: Value) -> str:
    return str(tensor_of(value).type) if is_tensor(value) else describe(value)


def _not_proven(left: Dims, right: Dims, facts: Facts) -> list[tuple[Dim, Dim]]:
    """All sizes that meet and may be equal, in the order of the axes."""
    meeting = list(zip(reversed(left), reversed(right), strict=False))
    return [
        (one, other)
        for one, other in reversed(meeting)
        if isinstance(broadcast((one,), (other,), facts), BroadcastFailure)
    ]


def _not_together(
    frame: Frame,
    node: tree.Binary,
    left: Value,
    right: Value,
    failure: BroadcastFailure | MatmulFailure,
) -> Poison:
    assert failure.left is not None
    assert failure.right is not None
    labels = tuple(
        Label(written.span, _shown(value))
        for value, written in ((left, node.left), (right, node.right))
    )
    if failure.verdict is Verdict.UNKNOWN:
        pairs = [(failure.left, failure.right)]
        if isinstance(failure, BroadcastFailure):
            pairs = _not_proven(_dims(left), _dims(right), frame.facts)
        sizes = ", and ".join(f"{one} and {other}" for one, other in pairs)
        return frame.error(
            shapes.NOT_PROVEN,
            f"{sizes} cannot be shown to be equal",
            node.op_span,
            "needs equal sizes",
            labels=labels,
            help=_transposed(node, left, right) or settle_all(pairs, frame.facts),
        )
    code = shapes.NO_BROADCAST if isinstance(failure, BroadcastFailure) else shapes.SIZE_MISMATCH
    what = "broadcast" if isinstance(failure, BroadcastFailure) else "multiply"
    return frame.error(
        code,
        f"the tensors do not {what}: {failure.left} against {failure.right}",
        node.op_span,
        f"axis {failure.axis} differs",
        labels=labels,
        help=broadcast_hint(_dims(left), _dims(right))
        if what == "broadcast"
        else _transposed(node, left, right)
        or "the last size on the left has to be the last but one on the right",
    )


def _transposed(node: tree.Binary, left: Value, right: Value) -> str | None:
    """The product that is meant where both sides have their features last."""
    one, other = _dims(left), _dims(right)
    if node.op != "@" or min(len(one), len(other)) < 2 or one[-1].poly != other[-1].poly:
        return None
    names = [side.span.text for side in (node.left, node.right)]
    return f"transpose one side: `{names[0]} @ ({names[1]} |> transpose(-2, -1))`"


# --- indexing ----------------------------------------------------------------------------------

Item = tuple[tree.Node, Value | tuple[Plain | None, Plain | None, Plain | None] | None]


def index(frame: Frame, node: tree.Index, tensor: TensorValue, items: list[Item]) -> Value:
    """``tensor[items]``: positions, slices, ``...`` and masks or ids, as in torch.

    An item is the node it was read from with a value, three bounds of a slice, or ``None`` for
    ``...``.
    """
    dims = tensor.type.dims
    named = sum(1 for _, item in items if item is not None)
    if named > len(dims) or sum(1 for _, item in items if item is None) > 1:
        return frame.error(
            shapes.BAD_INDEX,
            f"the index has {named} items, the tensor {len(dims)} axes",
            node.span,
            f"this is {tensor.type}",
            help="one item for each axis; `...` stands for the axes between",
        )
    result: list[Dim] = []
    shown: list[ir.Plain | ir.SliceItem | ir.RestItem | ir.Expr] = []
    axis = 0
    for written, item in items:
        if item is None:
            skipped = len(dims) - named
            result += dims[axis : axis + skipped]
            axis += skipped
            shown.append(ir.RestItem())
            continue
        step = _index_axis(frame, written.span, tensor.type, axis, item)
        if step is None:
            return POISON
        kept, entry = step
        result += kept
        shown.append(entry)
        axis += 1
    result += dims[axis:]
    element = tensor.type.element
    if isinstance(element.bound, tuple) and (not result or result[-1] is not dims[-1]):
        element = Element("int")
    return TensorValue(TensorType(element, tuple(result)), ir.Subscript(tensor.expr, tuple(shown)))


def _index_axis(
    frame: Frame, span: Span, type_: TensorType, axis: int, item: object
) -> tuple[tuple[Dim, ...], ir.Plain | ir.SliceItem | ir.Expr] | None:
    """The sizes that are left of one axis and how the index is printed."""
    size = type_.dims[axis]
    if isinstance(item, tuple):
        return _slice(frame, span, size, item)
    if isinstance(item, Plain) and item.is_size:
        position = item.value if isinstance(item.value, int) else None
        if position is None:
            frame.error(
                shapes.BAD_INDEX,
                "an index is a known whole number",
                span,
                f"{describe(item)} is not known yet",
                help="`-1` is the last position; `x[:, k:]` keeps all from `k` on",
            )
            return None
        least = position + 1 if position >= 0 else -position
        if not frame.facts.at_least(size.poly, least) and size.known is not None:
            frame.error(
                shapes.BAD_INDEX,
                f"position {position} is outside an axis of size {size}",
                span,
                f"axis {axis} of {type_}",
                help=f"positions run from 0 to {size.known - 1}, or from -1 backwards",
            )
            return None
        return (), ir.Plain(item.term)
    if isinstance(item, TensorValue) and item.type.element.base == "int" and item.type.rank == 1:
        return item.type.dims, item.expr
    frame.error(
        shapes.BAD_INDEX,
        "an index is a whole number, a slice, `...`, or ids of one axis",
        span,
        f"this is {describe(item)}",  # type: ignore[arg-type]
        help=_index_hint(item, axis),
    )
    return None


def _index_hint(item: object, axis: int) -> str | None:
    """What is written in place of an index that only torch has."""
    if isinstance(item, Plain):
        return f"a new axis is `|> unsqueeze({axis})`" if item.value is None else None
    if isinstance(item, TensorValue) and item.type.element.base == "bool":
        return "to choose by a mask use `where` or `masked_mean`: results have fixed sizes"
    if isinstance(item, TensorValue) and item.type.element.base == "int":
        return "ids that choose positions have one axis: `ids(n)[K]`, the same for all rows"
    return None


def _slice(
    frame: Frame, span: Span, size: Dim, bounds: tuple[Plain | None, Plain | None, Plain | None]
) -> tuple[tuple[Dim, ...], ir.SliceItem] | None:
    start, stop, step = bounds
    for bound in bounds:
        if bound is not None and not bound.is_size:
            frame.error(
                shapes.BAD_INDEX, "a slice has whole numbers", span, f"not {describe(bound)}"
            )
            return None
    stride = 1 if step is None else step.value
    if not isinstance(stride, int) or stride < 1:
        frame.error(shapes.BAD_INDEX, "the step of a slice is at least 1", span, "as in torch")
        return None
    low = _bound(frame, start, size, Dim.of(0))
    high = _bound(frame, stop, size, size)
    shown = ir.SliceItem(_term(start), _term(stop), _term(step))
    if low is None or high is None:
        unknown = start if low is None else stop
        assert unknown is not None
        frame.error(
            shapes.NOT_PROVEN,
            f"it is not known whether {unknown.dim()} lies within the axis of size {size}",
            span,
            "the size of the slice depends on it",
            help=f"state it: `assert {size} >= {_reach(unknown.dim())}`",
        )
        return None
    length = high - low
    if length.known is not None and length.known < 0:
        length = Dim.of(0)
    if stride != 1:
        length = (length + (stride - 1)) // stride
    if length.known == 0:
        frame.error(
            shapes.BAD_INDEX,
            "the slice is empty",
            span,
            f"the axis has size {size}",
            help="a slice runs from its start up to, and not including, its end",
        )
        return None
    return (length,), shown


def _reach(bound: Dim) -> Dim:
    """How long an axis has to be for a bound of a slice to lie within it."""
    return Dim.of(-bound.known) if bound.known is not None and bound.known < 0 else bound


def _term(bound: Plain | None) -> Term | None:
    return None if bound is None else bound.term


def _bound(frame: Frame, bound: Plain | None, size: Dim, default: Dim) -> Dim | None:
    """A bound of a slice as torch clamps it into the axis; ``None`` where that is not known."""
    if bound is None:
        return default
    value = bound.dim()
    if value.known is not None and value.known < 0:
        value = size + value.known
        if frame.facts.at_least(value.poly, 0):
            return value
        return Dim.of(0) if value.known is not None else None
    if frame.facts.at_least((size - value).poly, 0):
        return value
    if frame.facts.at_least((value - size).poly, 0):
        return size
    return None
