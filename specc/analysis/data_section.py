"""``data`` sections: a source, a split, and typed fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_sections as errors
from specc.analysis.apply import apply_component
from specc.analysis.body import Body
from specc.analysis.declared import Shape, element_of, fits
from specc.analysis.definitions import FileScope
from specc.analysis.frame import Context, Frame, Inputs
from specc.analysis.models import Models
from specc.analysis.pipes import configured
from specc.analysis.settings import configure
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    Recipe,
    Special,
    TensorValue,
    Value,
    describe,
    to_python,
)
from specc.components import Augmentation, Component, Refusal, Source, Split, Transform
from specc.components.data import Schema, listed
from specc.components.errors_data import BAD_COLUMN, NO_COLUMN, NO_FILE
from specc.components.ragged import is_ragged
from specc.diagnostics import Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Poly
from specc.types.tensor import TensorType
from specc.types.terms import Ref


@dataclass(frozen=True, eq=False)
class SourceValue(Special):
    """``source``: its fields by name, by pattern, or stacked."""

    schema: Schema

    def describe(self) -> str:
        return "the source"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        return self.columns(frame, (name.id,), False, name.span)

    def item(self, frame: Frame, node: tree.Index) -> Value | None:
        """``source["p*"]`` or ``source[["a", "b"]]``: columns stacked along a last axis."""
        if len(node.items) != 1 or isinstance(node.items[0], tree.Slice | tree.EllipsisItem):
            return None
        value = frame.evaluate(node.items[0])
        if isinstance(value, Poison):
            return POISON
        names = to_python(value)
        if isinstance(names, str):
            stacked = names not in self.schema.fields
            return self.columns(frame, (names,), stacked, node.items[0].span)
        if isinstance(value, ListValue) and names and all(isinstance(n, str) for n in names):
            return self.columns(frame, tuple(names), True, node.items[0].span)
        return frame.error(
            errors.BAD_FIELD,
            f"columns are named by strings, not by {describe(value)}",
            node.items[0].span,
            "not a name",
            help='`source["price"]`, `source["p*"]` or `source[["a", "b"]]`',
        )

    def columns(self, frame: Frame, names: tuple[str, ...], stacked: bool, span: Span) -> Value:
        """One column, or several of one type along a new last axis."""
        try:
            chosen = self.schema.select(names)
        except Refusal as refusal:
            frame.error(refusal.code, refusal.message, span, refusal.label, help=refusal.help)
            return POISON
        types = [self.schema.fields[name] for name in chosen]
        element, dims = types[0].element, types[0].dims
        for name, type_ in zip(chosen, types, strict=True):
            if type_.element.name != element.name:
                numeric = {element.name, type_.element.name} <= {"int", "float"}
                if not numeric:
                    return frame.error(
                        errors.BAD_FIELD,
                        f"`{chosen[0]}` is {types[0]} and `{name}` is {type_}",
                        span,
                        "columns of different kinds do not stack",
                    )
                element = type_.element if type_.element.name == "float" else element
        if stacked:
            if any(is_ragged(dim) for type_ in types for dim in type_.dims):
                return frame.error(
                    errors.BAD_FIELD,
                    f"`{chosen[0]}` is {types[0]}: ragged columns do not stack",
                    span,
                    "rows of different lengths",
                    help="make a field of each",
                )
            other = next((k for k, type_ in enumerate(types) if type_.dims != dims), None)
            if other is not None:
                return frame.error(
                    errors.BAD_FIELD,
                    f"`{chosen[0]}` is {types[0]} and `{chosen[other]}` is {types[other]}",
                    span,
                    "columns of different shapes do not stack",
                )
            dims = (*dims, Dim.of(len(chosen)))
        return ColumnValue(chosen, stacked, (), TensorType(element, dims))


@dataclass(frozen=True, eq=False)
class ColumnValue(Special):
    """Columns of the source with the transforms that they went through."""

    columns: tuple[str, ...]
    stacked: bool
    transforms: tuple[Transform, ...]
    type: TensorType
    attributes: Mapping[str, Dim | tuple[Dim, ...]] = field(default_factory=dict)

    def describe(self) -> str:
        return f"a column {self.type}"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        size = self.attributes.get(name.id)
        return attribute_value(size) if size is not None else None


@dataclass(frozen=True, eq=False)
class RowsValue(Special):
    """A field in an `augment` statement."""

    field: str
    type: TensorType

    def describe(self) -> str:
        return f"the field `{self.field}`"


@dataclass(frozen=True, eq=False)
class SeveralRows(Special):
    """Fields that were augmented alike."""

    rows: tuple[RowsValue, ...]

    def describe(self) -> str:
        return " and ".join(f"`{each.field}`" for each in self.rows)


def attribute_value(size: Dim | tuple[Dim, ...]) -> Value:
    """A fitted size as a value of the language."""
    if isinstance(size, Dim):
        return Plain.from_dim(size)
    return ListValue.of(tuple(Plain.from_dim(each) for each in size))


@dataclass(eq=False)
class DataSection:
    """A data section, checked. ``fields`` is empty where the source is not there."""

    name: str
    section: tree.Section
    source: Source | None = None
    schema: Schema | None = None
    split: Split | None = None
    fields: dict[str, ColumnValue] = field(default_factory=dict)
    augments: list[tuple[tuple[str, ...], Augmentation]] = field(default_factory=list)
    """What changes which fields of the training rows at random, in order."""

    spans: dict[str, Span] = field(default_factory=dict)
    """Where each setting and field is said."""


class DataBody(Body):
    """The body of a data section."""

    kinds: Sequence[str] = ("transform",)
    recipe_kinds: Sequence[str] = ("source", "split", "transform")
    statement_kinds: Sequence[str] = ("augment",)

    def __init__(
        self, context: Context, scope: FileScope, models: Models, data: DataSection, root: Path
    ) -> None:
        super().__init__(context, scope, models, {}, {})
        self.data = data
        self.root = root
        self.field = ""
        self.width: int | None = None
        self.schema: Schema | None = None
        self.augments: list[tuple[tuple[str, ...], Augmentation]] | None = None
        """What the `augment` that is being read applies; ``None`` outside of one."""
        self.argument_spans: Mapping[str, Span] = {}
        """Where the arguments of the source or split that was read last stand."""

    def assign(self, node: tree.Assign) -> None:
        """A setting or a field."""
        if len(node.targets) != 1 or node.value is None:
            self.misplaced(node.span, "a field has one name and a value")
            return
        (target,) = node.targets
        if target.id in self.data.spans:
            self.bind(target, POISON, "defined already")
            return
        self.data.spans[target.id] = node.value.span
        match target.id:
            case "source":
                self.set_source(target, node.value)
            case "split":
                self.set_split(node.value)
            case _:
                self.set_field(target, node)

    def component(
        self, node: tree.Expr, kind: type[Component], word: str, example: str
    ) -> Component | None:
        """A configured component that is no transform."""
        value: Value = (
            configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        )
        if isinstance(value, Poison):
            return None
        if isinstance(value, Recipe) and isinstance(value.target, Entry):
            cls = value.target.load(value.span)
            if issubclass(cls, kind):
                settings = configure(self, cls, value, value.span)
                self.argument_spans = {} if settings is None else settings.spans
                return None if settings is None else settings.component
        self.error(
            errors.NOT_A_SETTING,
            f"`{word}` takes a {word}, not {describe(value)}",
            node.span,
            f"not a {word}",
            help=f"such as {example}",
        )
        return None

    def set_source(self, target: tree.Name, node: tree.Expr) -> None:
        source = self.component(node, Source, "source", '`csv("data/iris.csv")`')
        value: Value = POISON
        if isinstance(source, Source):
            self.data.source = source
            try:
                known = self.context.schemas.get(self.data.name)
                self.schema = source.describe(self.root) if known is None else known
                value = SourceValue(self.schema)
                self.data.schema = self.schema
            except Refusal as refusal:
                self.not_described(refusal, node)
        self.bind(target, value, "the source")

    def set_split(self, node: tree.Expr) -> None:
        split = self.component(node, Split, "split", "`fractions(val=0.1)`")
        if not isinstance(split, Split):
            return
        self.data.split = split
        if self.schema is None:
            return
        for name in split.columns():
            span = next((s for s in self.argument_spans.values() if name in s.text), node.span)
            if name not in self.schema.fields:
                self.error(
                    NO_COLUMN,
                    f"the source has no column `{name}`",
                    span,
                    help=did_you_mean(name, self.schema.fields)
                    or f"it has {listed(self.schema.fields)}",
                )
            elif self.schema.fields[name].dims:
                self.error(
                    BAD_COLUMN,
                    f"rows are shared out by one value each, `{name}` is "
                    f"{self.schema.fields[name]}",
                    span,
                )

    def not_described(self, refusal: Refusal, node: tree.Expr) -> None:
        """A missing file is no mistake of the spec; anything else is."""
        span = self.argument_spans.get(refusal.field or "", node.span)
        code = errors.DATA_NOT_FOUND if refusal.code is NO_FILE else refusal.code
        self.error(code, refusal.message, span, refusal.label, help=refusal.help)

    def set_field(self, target: tree.Name, node: tree.Assign) -> None:
        assert node.value is not None
        self.field = target.id
        value = self.evaluate(node.value)
        if isinstance(value, SourceValue):
            value = self.error(
                errors.BAD_FIELD,
                "a field is made of columns, not of the whole source",
                node.value.span,
                "which columns?",
                help=f"it has {', '.join(f'`{c}`' for c in list(value.schema.fields)[:8])}",
            )
        elif not isinstance(value, (ColumnValue, Poison)):
            near = did_you_mean(target.id, ["source", "split"])
            value = self.error(
                errors.BAD_FIELD,
                f"`{target.id}` is {describe(value)}, not a column of the source",
                node.value.span,
                "not a field",
                help=near or f"such as `{target.id} = source.{target.id}`",
            )
        if isinstance(value, ColumnValue) and node.type is not None:
            value = self.declared(value, node.type, node.value.span)
        if isinstance(value, ColumnValue):
            value = self.with_lengths(value)
            self.data.fields[target.id] = value
        self.bind(target, value, "a field")

    def with_lengths(self, column: ColumnValue) -> ColumnValue:
        """A ragged field knows its longest and its shortest row, once the data was read."""
        if not any(map(is_ragged, column.type.dims)):
            return column
        found = {name: self.fitted_size(name) for name in ("max_length", "min_length")}
        return replace(column, attributes=found | dict(column.attributes))

    def declared(self, column: ColumnValue, node: tree.TypeExpr, place: Span) -> Value:
        """A column under a type that the spec gives it.

        Whole numbers may be declared ``ids(n)``: each row is then looked at when it is read.
        """
        element = element_of(self, node)
        if element is None:
            return POISON
        given = column.type
        what, labels = f"`{self.field}`", (Label(node.span, "declared here"),)
        promised = element.name == "ids" and given.element.name in ("int", "uint8")
        if not promised and not fits(self, element, given, what, place, labels):
            return POISON
        shape = Shape(self, node, given)
        if not shape.match(what, place, labels):
            return POISON
        return replace(column, type=TensorType(element, tuple(shape.dims)))

    # --- augmentations -------------------------------------------------------------------------

    def on_augment(self, node: tree.Assign) -> None:
        """``augment image, mask = (image, mask) |> horizontal_flip``."""
        names = [target.id for target in node.targets]
        stranger = next((t for t in node.targets if t.id not in self.data.fields), None)
        if node.value is None or stranger is not None:
            span = node.span if stranger is None else stranger.span
            if stranger is None or not isinstance(self.value_of(stranger.id), Poison):
                self.error(
                    errors.BAD_AUGMENT,
                    f"`{span.text}` is no field that is defined above",
                    span,
                    "what is augmented is a field",
                    help=did_you_mean(span.text, self.data.fields),
                )
            return
        outer, outer_kinds = self.names, self.kinds
        self.augments, self.kinds = [], ("augmentation",)
        self.names = outer | {
            name: replace(outer[name], value=RowsValue(name, column.type))
            for name, column in self.data.fields.items()
        }
        value = self.evaluate(node.value)
        found = value.rows if isinstance(value, SeveralRows) else (value,)
        self.names, self.kinds = outer, outer_kinds
        given = [each.field for each in found if isinstance(each, RowsValue)]
        if not any(isinstance(each, Poison) for each in found) and given != names:
            listed_names = " and ".join(f"`{name}`" for name in names)
            self.error(
                errors.BAD_AUGMENT,
                f"{listed_names} would become something else",
                node.value.span,
                "not the fields themselves",
                help=f"such as `augment {names[0]} = {names[0]} |> gaussian_noise(0.1)`",
            )
        elif given == names:
            self.data.augments += self.augments
        self.augments = None

    def value_of(self, name: str) -> Value | None:
        """What a name of this section stands for."""
        return self.names[name].value if name in self.names else None

    def augment(self, target: Value, inputs: Inputs, place: Span) -> Value:
        """One augmentation of some fields; they keep their types."""
        values: list[Value] = [value for value, _ in inputs.positional]
        if len(values) == 1 and isinstance(values[0], SeveralRows):
            values = list(values[0].rows)
        rows = [value for value in values if isinstance(value, RowsValue)]
        entry = target.target if isinstance(target, Recipe) else None
        if len(rows) < len(values) or inputs.named or not isinstance(entry, Entry):
            return self.error(
                errors.BAD_AUGMENT,
                "augmentations are applied to fields",
                place,
                "not applied to fields alone",
            )
        assert isinstance(target, Recipe)
        ragged = next((each for each in rows if any(map(is_ragged, each.type.dims))), None)
        if ragged is not None:
            return self.error(
                errors.RAGGED_ROWS,
                f"`{target.written}` takes rows of one size, `{ragged.field}` is {ragged.type}",
                place,
                "the rows differ in length",
            )
        tensors = tuple(
            (TensorValue(value.type, ir.Local(value.field)), inputs.positional[0][1])
            for value in rows
        )
        applied = apply_component(self, entry, target, Inputs(tensors), place, lowers=False)
        if applied is None:
            return POISON
        component, outputs = applied.component, applied.outputs
        assert isinstance(component, Augmentation)
        types = outputs if isinstance(outputs, tuple) else tuple(outputs.values())
        for value, type_ in zip(rows, types, strict=True):
            if type_ != value.type:
                return self.error(
                    errors.BAD_AUGMENT,
                    f"`{target.written}` makes {type_} of `{value.field}`, which is {value.type}",
                    place,
                    "an augmented row keeps its type",
                )
        assert self.augments is not None
        self.augments.append((tuple(value.field for value in rows), component))
        return rows[0] if len(rows) == 1 else SeveralRows(tuple(rows))

    # --- transforms ----------------------------------------------------------------------------

    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        if self.augments is not None:
            return self.augment(target, inputs, place)
        value = inputs.positional[0][0] if len(inputs.positional) == 1 else None
        if not isinstance(value, ColumnValue) or inputs.named:
            return self.error(
                meaning.WRONG_INPUTS,
                "a transform takes one column, or several stacked ones",
                place,
                "not given a column",
                help='stack columns with `source[["a", "b"]]`',
            )
        if not isinstance(target, Recipe) or not isinstance(target.target, Entry):
            return self.error(
                meaning.NOT_APPLICABLE,
                f"{describe(target)} is no transform of data",
                place,
                "cannot be applied to a column",
            )
        self.width = len(value.columns) if value.stacked else None
        cls = target.target.load(target.span)
        ragged = any(map(is_ragged, value.type.dims))
        if ragged and issubclass(cls, Transform) and not (cls.elementwise or cls.takes_ragged):
            return self.error(
                errors.RAGGED_ROWS,
                f"`{target.written}` takes rows of one size, not {value.type}",
                place,
                "the rows differ in length",
                help="value by value work `categories`, `vocabulary`, `one_hot`, `to_float` and "
                "`standardize`; `truncate` cuts long rows",
            )
        tensor = TensorValue(value.type, ir.Local("x"))
        span = inputs.positional[0][1]
        applied = apply_component(
            self, target.target, target, Inputs(((tensor, span),)), place, lowers=False
        )
        if applied is None:
            return POISON
        assert isinstance(applied.component, Transform)
        assert isinstance(applied.outputs, dict)
        (type_,) = applied.outputs.values()
        return ColumnValue(
            value.columns,
            value.stacked,
            (*value.transforms, applied.component),
            type_,
            {**value.attributes, **_without_length(applied.site.fitted)},
        )

    def takes_no_tensors(self, recipe: Recipe) -> bool:
        return False

    def fitted(self, recipe: Recipe) -> Mapping[str, Dim]:
        """The sizes a transform learns: known once the data was read, symbolic before."""
        assert isinstance(recipe.target, Entry)
        cls = recipe.target.load(recipe.span)
        if not issubclass(cls, Transform):
            return {}
        found: dict[str, Dim | tuple[Dim, ...]] = {}
        for name in cls.attributes:
            if cls.per_column and self.width is not None:
                known = self.context.known.get(f"{self.data.name}.{self.field}.{name}")
                shown = f"{self.field}.{name}"
                sizes = known if isinstance(known, tuple) else (None,) * self.width
                found[name] = tuple(_size(f"{shown}[{k}]", size) for k, size in enumerate(sizes))
            else:
                found[name] = self.fitted_size(name)
        if cls.makes_ragged:
            found["length"] = self.new_length()
        return found  # type: ignore[return-value]

    def fitted_size(self, attribute: str) -> Dim:
        """An attribute of the field that is being defined."""
        known = self.context.known.get(f"{self.data.name}.{self.field}.{attribute}")
        return _size(f"{self.field}.{attribute}", known if isinstance(known, int) else None)

    def new_length(self) -> Dim:
        """A ragged size of the field's name that no other field has."""
        taken = {str(dim) for type_ in self._types() for dim in type_.dims}
        wanted = name = f"{self.field[:1].upper()}{self.field[1:]}"
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}{number}"
        return Dim.named(name)

    def _types(self) -> list[TensorType]:
        columns = [] if self.schema is None else list(self.schema.fields.values())
        return columns + [field.type for field in self.data.fields.values()]


def _without_length(
    fitted: Mapping[str, Dim | tuple[Dim, ...]],
) -> dict[str, Dim | tuple[Dim, ...]]:
    """The attributes among what a transform was told; its length is that of single rows."""
    return {name: size for name, size in fitted.items() if name != "length"}


def _size(shown: str, known: int | None) -> Dim:
    return Dim(Poly.var(shown) if known is None else Poly.const(known), Ref(shown))


def check_data(
    section: tree.Section, scope: FileScope, context: Context, models: Models, root: Path
) -> DataSection:
    """Check a data section; the source's header is read, nothing else."""
    name = section.name.id if section.name is not None else section.word.id
    data = DataSection(name, section)
    body = DataBody(context, scope, models, data, root)
    if not _early(section, "source"):
        if context.broken.mentions("source"):
            return data
        body.error(
            errors.NO_SOURCE,
            f"`{name}` has no source",
            section.head,
            "rows from where?",
            help='write `source = csv("...")` first',
        )
        return data
    body.run(section.body)
    return data


def _early(section: tree.Section, name: str) -> bool:
    return any(
        isinstance(s, tree.Assign) and any(t.id == name for t in s.targets) for s in section.body
    )
