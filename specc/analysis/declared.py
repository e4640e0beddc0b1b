"""Types as a spec writes them: of inputs, of values, of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specc.analysis import errors_names as naming
from specc.analysis import errors_shapes as shapes
from specc.analysis import errors_values as errors
from specc.analysis.definitions import Binding
from specc.analysis.frame import Frame
from specc.analysis.hints import kind_hint, layout_hint, rank_hint, settle
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    Recipe,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.diagnostics import Code, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.elements import BASES, Element, mismatch
from specc.types.poly import Verdict
from specc.types.tensor import TensorType
from specc.types.terms import Ref

if TYPE_CHECKING:
    from specc.analysis.bindings import Bindings

BOUNDED = frozenset({"ids"})


def element_of(frame: Frame, node: tree.TypeExpr) -> Element | None:
    """The element word of a tensor type with its bound."""
    name = node.name.id
    if name not in BASES:
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            f"there is no type `{name}`",
            node.name.span,
            "unknown type",
            help=did_you_mean(name, BASES) or f"tensors are {', '.join(BASES)}",
        )
        return None
    if name not in BOUNDED:
        if node.bounds:
            frame.error(
                errors.BAD_PARAMETER_TYPE,
                f"`{name}` takes no bound",
                node.span,
                "only ids have one",
                help="write `ids(n)` for whole numbers below n",
            )
            return None
        return Element(name)
    if len(node.bounds) != 1:
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            "`ids` needs its bound",
            node.span,
            "how many are there?",
            help="write `ids(n)` for whole numbers from 0 to n - 1",
        )
        return None
    value = frame.evaluate(node.bounds[0])
    if isinstance(value, Plain) and value.is_size:
        return Element(name, value.dim())
    if isinstance(value, ListValue) and value.items:
        sizes = [item.dim() for item in value.items if isinstance(item, Plain) and item.is_size]
        if len(sizes) == len(value.items):
            return Element(name, tuple(sizes))
    if not isinstance(value, Poison):
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            f"the bound of `ids` is a size, not {describe(value)}",
            node.bounds[0].span,
            "not a size",
        )
    return None


def size_of(frame: Frame, node: tree.Expr) -> Dim | None:
    """A dim of a type that is not a name to be bound."""
    if isinstance(node, tree.Name) and node.id[0].islower() and frame.find(node.id) is None:
        frame.error(
            naming.UNKNOWN_NAME,
            f"`{node.id}` is not defined",
            node.span,
            "not a parameter or a constant",
            help=did_you_mean(node.id, frame.in_scope())
            or f"the name of a free size starts upper-case: `{node.id[0].upper()}{node.id[1:]}`",
        )
        return None
    value = frame.evaluate(node)
    if isinstance(value, Plain) and value.is_size:
        dim = value.dim()
        if dim.known is None or dim.known >= 0:
            return dim
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            f"a size is not negative: {dim.known}",
            node.span,
            "not a size",
            help="a size that is free has a name: `N`" if dim.known == -1 else None,
        )
        return None
    if not isinstance(value, Poison):
        frame.error(
            errors.BAD_PARAMETER_TYPE,
            f"a size is a whole number, not {describe(value)}",
            node.span,
            "not a size",
        )
    return None


def binds(node: tree.Expr | tree.EllipsisItem, frame: Frame) -> tree.Name | None:
    """The name that a dim gives to its axis: upper-case, and not bound yet.

    A model of the file is no size: a model may be called as an axis is, ``B``.
    """
    if not isinstance(node, tree.Name) or not node.id[0].isupper():
        return None
    binding = frame.find(node.id)
    if binding is None or (node.id not in frame.names and isinstance(binding.value, Recipe)):
        return node
    return None


class Shape:
    """Matches the dims of an annotation against a tensor and binds the names in it."""

    def __init__(
        self,
        frame: Bindings,
        node: tree.TypeExpr,
        given: TensorType,
        codes: tuple[Code, Code] = (shapes.ANNOTATION, shapes.ANNOTATION),
    ) -> None:
        self.frame = frame
        self.rank_code, self.size_code = codes
        self.node = node
        self.given = given
        self.named: list[tuple[str, int, Dim]] = []
        self.dims: list[Dim] = []

    def match(self, what: str, place: Span, labels: tuple[Label, ...]) -> bool:
        """Whether every dim fits; the first that does not is reported."""
        items = self.node.items or ()
        rests = [k for k, item in enumerate(items) if isinstance(item, tree.EllipsisItem)]
        given = self.given.dims
        if len(rests) > 1 or (len(given) < len(items) - 1 if rests else len(given) != len(items)):
            self.frame.error(
                self.rank_code,
                f"{what} has {len(given)} axes, its type has {len(items) - len(rests)}"
                + (" or more" if rests else ""),
                place,
                f"this is {self.given}",
                labels=labels,
                help=None if rests else rank_hint(len(items), len(given)),
            )
            return False
        split = rests[0] if rests else len(items)
        skipped = len(given) - (len(items) - 1) if rests else 0
        axis = 0
        for position, item in enumerate(items):
            if position == split:
                self.dims += given[axis : axis + skipped]
                axis += skipped
                continue
            assert not isinstance(item, tree.EllipsisItem)
            if not self.axis(axis, item, what, place, labels):
                return False
            axis += 1
        return True

    def axis(
        self, axis: int, item: tree.Expr, what: str, place: Span, labels: tuple[Label, ...]
    ) -> bool:
        size = self.given.dims[axis]
        name = binds(item, self.frame)
        if name is not None:
            bound = Dim(size.poly, Ref(name.id))
            self.frame.names[name.id] = Binding(
                Plain.from_dim(bound), name.span, "the name of a size"
            )
            self.named.append((name.id, axis, size))
            self.dims.append(bound)
            return True
        wanted = size_of(self.frame, item)
        if wanted is None:
            return False
        verdict = self.frame.facts.compare(wanted.poly, size.poly)
        if verdict is Verdict.EQUAL:
            self.dims.append(Dim(size.poly, wanted.term))
            return True
        unknown = verdict is Verdict.UNKNOWN
        declared = _with_value(wanted)
        self.frame.error(
            shapes.NOT_PROVEN if unknown else self.size_code,
            f"axis {axis} of {what} is {_with_value(size)}"
            + (f", which cannot be shown to be {declared}" if unknown else f", not {declared}"),
            place,
            f"this is {self.given}",
            labels=labels,
            help=self._help(axis, wanted, size, unknown=unknown),
        )
        return False

    def _help(self, axis: int, wanted: Dim, size: Dim, *, unknown: bool) -> str | None:
        """What would mend a size that does not fit."""
        if unknown:
            return settle(wanted, size, self.frame.facts)
        if self.size_code is shapes.ANNOTATION:
            return f"declare {size}, or make the value {wanted} wide"
        literal = [
            item.value if isinstance(item, tree.IntLiteral) else None
            for item in self.node.items or ()
        ]
        layout = layout_hint(literal, self.given.dims)
        if layout is None and self._wants_a_layer(axis) and wanted.known is not None:
            if len(self.frame.models.running) == 1:  # applied where no layer can stand before it
                return f"declare {size} in the model, or give it a field of {wanted}"
            return f"bring it to that size first: `|> linear({_with_value(wanted)})`"
        return layout

    def _wants_a_layer(self, axis: int) -> bool:
        """Whether what is applied can be preceded by a layer that changes this axis."""
        given = self.given
        last = axis == given.rank - 1
        return self.size_code is shapes.SIZE_MISMATCH and last and given.element.base == "float"


def _with_value(dim: Dim) -> str:
    """A size with its value where its name alone does not tell it."""
    text = str(dim)
    return text if dim.known is None or text == str(dim.known) else f"{text} = {dim.known}"


def check(frame: Bindings, node: tree.TypeExpr, value: Value, statement: tree.Assign) -> Value:
    """The value under its annotation: dims bound, refinement declared."""
    target = statement.targets[0]
    if not is_tensor(value):
        frame.error(
            shapes.ANNOTATION,
            f"`{target.id}` is declared {node.span.text}",
            statement.value.span if statement.value else node.span,
            f"this is {describe(value)}",
            help="only tensors have a type after the colon",
        )
        return POISON
    tensor = tensor_of(value)
    element = element_of(frame, node)
    if element is None:
        return POISON
    assert statement.value is not None
    labels = (Label(node.span, "declared here"),)
    place = statement.value.span
    if not fits(frame, element, tensor.type, f"`{target.id}`", place, labels):
        return POISON
    shape = Shape(frame, node, tensor.type)
    if not shape.match(f"`{target.id}`", place, labels):
        return POISON
    frame.named_axes(target.id, shape.named, tensor.type.rank)
    return TensorValue(TensorType(element, tuple(shape.dims)), tensor.expr)


def fits(
    frame: Frame,
    wanted: Element,
    given: TensorType,
    what: str,
    place: Span,
    labels: tuple[Label, ...] = (),
    code: Code = shapes.ANNOTATION,
) -> bool:
    """Whether an element passes for another, bounds included; else it is reported."""
    failure = mismatch(wanted, given.element)
    if failure is not None:
        frame.error(
            code,
            f"{what} is {given.element}, not {wanted}: {failure.reason}",
            place,
            f"this is {given}",
            labels=labels,
            help=kind_hint(wanted.name, given.element),
        )
        return False
    bound, own = wanted.bound, given.element.bound
    if isinstance(bound, Dim) and isinstance(own, Dim):
        if frame.facts.at_least((bound - own).poly, 0):
            return True
        verdict = frame.facts.compare(bound.poly, own.poly)
        less = frame.facts.at_least((own - bound).poly, 1)
        frame.error(
            code if less or verdict is Verdict.DIFFERENT else shapes.NOT_PROVEN,
            f"{what} has ids below {_with_value(own)}, "
            + (
                f"more than the {_with_value(bound)} declared"
                if less
                else f"which cannot be shown to lie below {_with_value(bound)}"
            ),
            place,
            f"this is {given}",
            labels=labels,
            help=None
            if code is shapes.ANNOTATION
            else f"let the number be a parameter of the model, and give it {own}",
        )
        return False
    return True


def declared_input(frame: Bindings, node: tree.Assign) -> TensorType | None:
    """The type of an input of a model that is checked on its own: free names are free sizes."""
    if node.type is None:
        frame.error(
            naming.UNKNOWN_STATEMENT,
            "an input needs a type",
            node.span,
            "of which kind and shape?",
            help=f"such as `input {node.targets[0].id}: float[B, 784]`",
        )
        return None
    element = element_of(frame, node.type)
    dims: list[Dim] = []
    for item in node.type.items or ():
        if isinstance(item, tree.EllipsisItem):
            return None
        name = binds(item, frame)
        if name is not None:
            dim: Dim | None = Dim.named(name.id)
            assert dim is not None
            frame.names[name.id] = Binding(Plain.from_dim(dim), name.span, "the name of a size")
        else:
            dim = size_of(frame, item)
        if dim is None:
            return None
        dims.append(dim)
    return None if element is None else TensorType(element, tuple(dims))
