"""What an expression of a spec evaluates to while it is analysed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.poly import Poly
from specc.types.tensor import TensorType
from specc.types.terms import Const, FunctionCall, ListTerm, Term, names

if TYPE_CHECKING:
    from specc.analysis.apply import Applied
    from specc.analysis.definitions import ModelDefinition
    from specc.analysis.frame import Frame, Inputs
    from specc.analysis.variants import Variant
    from specc.registry import Entry
    from specc.syntax import tree


MOST_VALUES = 50_000
"""Values in one list."""


class Undecided:
    """The truth of a comparison of symbolic sizes that nothing known settles."""


UNDECIDED = Undecided()


class Plain(Struct, frozen=True):
    """A plain value and how it was written. A size that is not known yet is a `Dim`."""

    value: int | Dim | float | bool | str | Undecided | None
    term: Term

    @staticmethod
    def of(value: int | float | bool | str | None) -> Plain:
        return Plain(value, Const(value))

    @property
    def is_size(self) -> bool:
        return isinstance(self.value, Dim) or (
            isinstance(self.value, int) and not isinstance(self.value, bool)
        )

    def dim(self) -> Dim:
        """The value as a size that keeps its written face; only where `is_size`."""
        if isinstance(self.value, Dim):
            return Dim(self.value.poly, self.term)
        assert isinstance(self.value, int)
        return Dim(Poly.const(self.value), self.term)

    @staticmethod
    def from_dim(dim: Dim) -> Plain:
        return Plain(dim if dim.known is None else dim.known, dim.term)


class ListValue(Struct, frozen=True):
    """A list. ``expr`` is there where it holds tensors."""

    items: tuple[Value, ...]
    term: Term | None
    expr: ir.Expr | None
    length: Term | None = None
    """How many items it has, where parameters say so; else there are as many as are known."""
    columns: tuple[ListValue, ...] = ()
    """The lists that a `zip` walks side by side."""
    parts: bool = False
    """Whether a component gave it, as a tuple perhaps: what is joined to it needs a list."""
    leaves: int = 0
    """Values in it, those of inner lists included. A list of lists shares what it repeats, so that
    its size is not what it takes to write it out; raises `TooComplex` past the limit."""

    def __post_init__(self) -> None:
        leaves = sum(
            max(each.leaves, 1) if isinstance(each, ListValue) else 1 for each in self.items
        )
        if leaves > MOST_VALUES:
            raise TooComplex(f"a list has more than {MOST_VALUES:,} values")
        force_setattr(self, "leaves", leaves)

    @property
    def count(self) -> Term:
        """The number of items, as it follows from parameters."""
        if self.length is not None:
            return self.length
        if self.columns:
            return self.columns[0].count
        if self.term is not None and names(self.term):
            return FunctionCall("len", (self.term,))
        return Const(len(self.items))

    @staticmethod
    def of(items: tuple[Value, ...]) -> ListValue:
        """A list literal of these values."""
        terms = [plain_term(item) for item in items]
        term = None if None in terms else ListTerm(tuple(t for t in terms if t is not None))
        if items and all(is_tensor(item) for item in items):
            return ListValue(items, None, ir.Sequence(tuple(tensor_of(i).expr for i in items)))
        return ListValue(items, term, None)


class TensorValue(Struct, frozen=True):
    """A tensor: its type and the expression that computes it.

    ``attributes`` are those of a data field: ``label.classes``, ``words.mask``.
    """

    type: TensorType
    expr: ir.Expr
    attributes: Mapping[str, Value] = field(default_factory=dict)


class RecordValue(Struct, frozen=True):
    """Several named tensors; where one is wanted, it stands for the first."""

    fields: Mapping[str, TensorValue]
    expr: ir.Expr

    @property
    def first(self) -> TensorValue:
        return next(iter(self.fields.values()))


class Argument(Struct, frozen=True):
    """An evaluated argument and where it stands; ``name_span`` is there where it is named."""

    name: str | None
    value: Value
    span: Span
    name_span: Span | None = None

    @property
    def whole(self) -> Span:
        """The argument with its name."""
        return self.span if self.name_span is None else self.name_span.to(self.span)


class Recipe(Struct, frozen=True):
    """A component or a model with arguments, not applied yet; an application makes an instance."""

    target: Entry | ModelDefinition
    arguments: tuple[Argument, ...]
    span: Span
    written: str
    origin: Span | None = None
    """Where the component is named, where a name that stands for it is completed elsewhere."""


class Instance(Struct):
    """One instance with one set of weights: a ``shared`` name, or the model that is trained.

    What it was built from is fixed by its first application.
    """

    name: str
    recipe: Recipe
    span: Span
    path: tuple[int, ...] = ()
    built: ir.Construct | ir.ModelConstruct | None = None
    first: Span | None = None
    """Its first application."""

    applied: Applied | None = None
    variant: Variant | None = None


class Part(Struct, frozen=True):
    """A submodule of an instance (``model.head``): names parameters, is not a tensor."""

    instance: Instance
    path: tuple[str, ...]


class Namespace(Struct, frozen=True):
    """An imported file."""

    name: str
    members: Mapping[str, Value]


class Special(Struct, frozen=True, eq=False):
    """A value that only one kind of section knows: a data source, a field, a score."""

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        """What stands after the dot, ``None`` where there is nothing of the kind."""
        return None

    def item(self, frame: Frame, node: tree.Index) -> Value | None:
        """What stands in brackets."""
        return None

    def called(
        self, frame: Frame, node: tree.Call, arguments: tuple[Argument, ...]
    ) -> Value | None:
        """What it is with arguments in parentheses."""
        return None

    def applied(self, frame: Frame, inputs: Inputs, place: Span) -> Value | None:
        """What it makes of the tensors that are piped into it."""
        return None

    without_operators: ClassVar[str | None] = None
    """What is written in place of an operator on it."""

    def describe(self) -> str:
        """A few words for messages."""
        raise NotImplementedError


class Foreign(Struct, frozen=True):
    """A Python value that settings take as it is (a `Score`, a configured component)."""

    value: Any
    text: str


class Poison(Struct, frozen=True):
    """The result of something that was already reported; using it reports nothing more."""


POISON = Poison()

Value = (
    Plain
    | ListValue
    | TensorValue
    | RecordValue
    | Recipe
    | Instance
    | Part
    | Namespace
    | Special
    | Foreign
    | Poison
)


def is_tensor(value: Value) -> bool:
    """Whether it is a tensor, or a record, which stands for its first one."""
    return isinstance(value, (TensorValue, RecordValue))


def holds_tensors(value: Value) -> bool:
    """Whether it is a list with tensors in it, or in lists in it."""
    return isinstance(value, ListValue) and (
        value.expr is not None
        or any(is_tensor(item) or holds_tensors(item) for item in value.items)
    )


def tensor_of(value: Value) -> TensorValue:
    """The tensor that the value stands for; only where `is_tensor`."""
    if isinstance(value, RecordValue):
        return value.first
    assert isinstance(value, TensorValue)
    return value


def plain_term(value: Value) -> Term | None:
    """How a plain value was written; ``None`` for anything that is not plain."""
    if isinstance(value, Plain):
        return value.term
    return value.term if isinstance(value, ListValue) else None


def to_python(value: Value) -> Any:
    """A plain value for Pydantic: known sizes as ints, others as `Dim`, lists as lists."""
    if isinstance(value, Plain):
        if isinstance(value.value, Dim) and value.value.known is not None:
            return value.value.known
        return value.value
    if isinstance(value, ListValue):
        return [to_python(item) for item in value.items]
    if isinstance(value, Foreign):
        return value.value
    return value


def describe(value: Value) -> str:
    """A value in a few words, for messages."""
    match value:
        case Plain(value=Dim() as dim):
            return f"the size {dim}"
        case Plain(value=bool() as truth):
            return "true" if truth else "false"
        case Plain(value=str() as text):
            return f'the string "{text}"'
        case Plain(value=None):
            return "none"
        case Plain(value=number):
            return f"the number {number}"
        case ListValue(items=items):
            return f"a list of {len(items)}"
        case TensorValue(type=type_):
            return f"a tensor {type_}"
        case RecordValue(fields=fields):
            return f"a record of {', '.join(fields)}"
        case Recipe(written=written):
            return f"`{written}`, which is not applied to anything"
        case Instance(name=name):
            return f"the instance `{name}`"
        case Part(instance=instance, path=path):
            return f"the submodule `{'.'.join((instance.name, *path))}`"
        case Namespace(name=name):
            return f"the imported file `{name}`"
        case Special():
            return value.describe()
        case Foreign(text=text):
            return f"`{text}`"
        case _:
            return "an unknown value"
