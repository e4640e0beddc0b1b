"""One application of a component: what `infer` and `lower` may ask, and how a lowering is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from specc.components.errors import TOO_SMALL, Refusal
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.poly import Facts
from specc.types.signature import Bindings
from specc.types.tensor import TensorType
from specc.types.terms import Choice, Const, FunctionCall, Item, ListTerm, Op, Ref, Term

if TYPE_CHECKING:
    from specc.components.base import Component

_TERMS = (Choice, Const, FunctionCall, Item, ListTerm, Op, Ref)

Value = ir.Expr | Term | Dim | int | float | bool | str | None | list[Any] | tuple[Any, ...]


class Precondition(Struct, frozen=True):
    """``size >= least``, to be discharged where the model is applied or joined to data."""

    size: Dim
    least: int
    why: str


class Site(Struct, frozen=True):
    """Where a component is applied.

    ``inputs`` are the types of the given tensors by the signature's names, ``expressions`` the
    tensors themselves, ``written`` the config fields that the spec wrote, as it wrote them.
    ``bindings`` is what matching the signature bound. ``fitted`` gives the attributes of a
    transform that learns (``classes``), symbolic until the data was read.
    """

    component: Component
    inputs: Mapping[str, TensorType]
    expressions: Mapping[str, ir.Expr]
    written: Mapping[str, Term]
    bindings: Bindings
    facts: Facts = field(default_factory=Facts)
    fitted: Mapping[str, Dim | tuple[Dim, ...]] = field(default_factory=dict)
    ragged: frozenset[str] = frozenset()
    """Sizes that new rows may have otherwise than the data that was read."""

    preconditions: list[Precondition] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    """Config fields whose values the sizes follow from in ways that are not written."""

    # --- questions -----------------------------------------------------------------------------

    def has(self, tensor: str) -> bool:
        """Whether the optional input was given."""
        return tensor in self.inputs

    def dim(self, name: str) -> Dim:
        """The size that the signature bound to ``name``."""
        return self.bindings.dims[name]

    def length(self) -> Dim:
        """The ragged size that a transform makes, which is named by the field."""
        made = self.fitted["length"]
        assert isinstance(made, Dim)
        return made

    def size(self, name: str, axis: int | None = None) -> Dim:
        """A config field that is a size, with the face it was written with.

        ``axis`` picks from a field of several sizes (``kernel_size``).
        """
        value = getattr(self.component, name)
        term = self.written.get(name)
        if axis is not None and isinstance(value, tuple):
            value = value[axis]
            if isinstance(term, ListTerm):
                term = term.items[axis]
        if isinstance(value, Dim):
            return value
        known = Dim.of(value)
        return Dim(known.poly, term) if term is not None else known

    def value(self, name: str) -> Term:
        """A config field as it was written, or its default."""
        value = getattr(self.component, name)
        term = self.written.get(name)
        return as_term(value) if term is None else _of_its_type(term, value)

    def require(self, size: Dim, least: int, why: str, help: str | None = None) -> None:
        """Demand ``size >= least``: refused where that is known to be false, kept as a
        precondition of the model where it is not known, or known of the rows of today alone.
        ``why`` says what goes wrong otherwise, ``help`` what to do about it.
        """
        if self.facts.at_least(size.poly, least) and not size.poly.variables & self.ragged:
            return
        if self.facts.at_least((least - 1 - size).poly, 0):
            raise Refusal(TOO_SMALL, why, help=help)
        self.preconditions.append(Precondition(size, least, why))

    def fix(self, name: str) -> None:
        """Say that the inferred sizes hold for this value of a config field alone.

        Where it follows from a parameter of the model, the class refuses other values of that.
        """
        self.fixed.append(name)

    # --- lowering ------------------------------------------------------------------------------

    def tensor(self, name: str) -> ir.Expr:
        """The tensor given for an input."""
        return self.expressions[name]

    def tensors(self) -> tuple[ir.Expr, ...]:
        """All given tensors in the signature's order."""
        return tuple(self.expressions.values())

    def listed(self) -> ir.Expr:
        """The tensors of a component with ``many_inputs`` as one list: the one that the spec
        piped, which stands under ``"*"`` then, or else a list written at this place.
        """
        return self.expressions.get("*") or ir.Sequence(self.tensors())

    def module(
        self, target: str, *, skip: tuple[str, ...] = (), inline: bool = False, **inferred: Value
    ) -> ir.Construct:
        """The constructor call ``target(inferred..., fields...)``.

        The inferred arguments come first, by position; then the fields in order: required ones by
        position, others by keyword and only where the spec wrote them.
        """
        given = [
            ir.Given(name, value if isinstance(value, ir.Construct) else as_term(value), False)
            for name, value in inferred.items()
        ]
        keyword_only = False
        for name, info in type(self.component).model_fields.items():
            if name in skip:
                keyword_only = True
                continue
            if info.is_required():
                given.append(ir.Given(torch_word(name), self.value(name), keyword_only))
            elif name in self.written:
                given.append(ir.Given(torch_word(name), self.value(name), True))
        return ir.Construct(target, tuple(given), inline)

    def call(self, construct: ir.Construct, *tensors: Value, **named: Value) -> ir.Apply:
        """The module that ``construct`` makes, called; without arguments, on all given tensors."""
        arguments = tensors if tensors or named else self.tensors()
        return ir.Apply(ir.Build(construct), passed(arguments, named))

    def function(self, target: str, *arguments: Value, **named: Value) -> ir.Function:
        """A call of a torch function (or method-like callable) by its dotted path."""
        return ir.Function(target, passed(arguments, named))

    def inline(self, target: str, *arguments: Value, **named: Value) -> ir.Function:
        """A call of a function whose source is copied into the emitted module."""
        return ir.Function(target, passed(arguments, named), inline=True)

    def method(self, receiver: Value, name: str, *arguments: Value, **named: Value) -> ir.Method:
        """A call of a tensor's method."""
        return ir.Method(name, as_expr(receiver), passed(arguments, named))

    def operation(self, op: str, *operands: Value) -> ir.Operation:
        """An operator by its Python spelling."""
        return ir.Operation(op, tuple(as_expr(operand) for operand in operands))

    def fields(self, *, skip: tuple[str, ...] = ()) -> dict[str, Term]:
        """The written fields as keyword arguments, required ones included."""
        return {
            torch_word(name): self.value(name)
            for name, info in type(self.component).model_fields.items()
            if name not in skip and (info.is_required() or name in self.written)
        }


def torch_word(field: str) -> str:
    """The argument that a config field is passed as. A field whose word is taken in Python or by a
    method of `Component` ends in an underscore: ``lower_`` is torch's ``lower``.
    """
    return field.removesuffix("_")


def _of_its_type(term: Term, value: Any) -> Term:
    """``1`` as ``1.0`` where the field is a float: TorchScript does not convert it."""
    if isinstance(term, Const) and isinstance(value, float) and isinstance(term.value, int):
        return Const(value)
    if isinstance(term, ListTerm) and isinstance(value, tuple) and len(value) == len(term.items):
        return ListTerm(tuple(map(_of_its_type, term.items, value)))
    return term


def passed(arguments: tuple[Value, ...], named: Mapping[str, Value]) -> tuple[ir.Passed, ...]:
    """Arguments of a forward call from Python values."""
    return tuple(ir.Passed(as_expr(a)) for a in arguments) + tuple(
        ir.Passed(as_expr(value), name) for name, value in named.items()
    )


def as_term(value: Any) -> Term:
    """A plain Python value as a term."""
    if isinstance(value, _TERMS):
        return value
    if isinstance(value, Dim):
        return value.term
    if isinstance(value, (list, tuple)):
        return ListTerm(tuple(as_term(item) for item in value))
    if value is None or isinstance(value, (bool, int, float, str)):
        return Const(value)
    raise TypeError(f"not a plain value: {value!r}")


def as_expr(value: Value) -> ir.Expr:
    """A Python value, term or expression as an expression."""
    if isinstance(value, ir.Expr):
        return value
    if isinstance(value, (list, tuple)):
        items = tuple(as_expr(item) for item in value)
        if all(isinstance(item, ir.Plain) for item in items):
            return ir.Plain(as_term(tuple(item.term for item in items)))  # type: ignore[union-attr]
        return ir.Sequence(items, "list" if isinstance(value, list) else "tuple")
    return ir.Plain(as_term(value))
