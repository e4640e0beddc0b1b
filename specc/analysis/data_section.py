"""``data`` sections: a source, a split, and typed fields."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from specc.analysis import errors_sections as errors
from specc.analysis.augmenting import Augments
from specc.analysis.columns import Augmented, ColumnValue, DataSection, SourceValue
from specc.analysis.declared import Shape, element_of, fits
from specc.analysis.definitions import FileScope
from specc.analysis.frame import Context
from specc.analysis.models import Models
from specc.analysis.pipes import configured
from specc.analysis.settings import configure
from specc.analysis.values import POISON, Poison, Recipe, Value, describe
from specc.components import Component, Refusal, Source, Split
from specc.components.data import listed
from specc.components.errors_data import BAD_COLUMN, NO_COLUMN, NO_FILE
from specc.components.ragged import is_ragged
from specc.diagnostics import Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.registry import Entry
from specc.syntax import tree
from specc.types.tensor import TensorType

NO_FIELDS = {
    "batch": "`batch = ...` stands in the `train` section",
    "batch_size": "`batch = ...` stands in the `train` section",
    "drop_last": "leave it out: the last batch of an epoch has what is left",
    "num_workers": "leave it out: rows are read ahead by themselves",
    "seed": "`seed = ...` stands in the `train` section; a split has its own: `fractions(seed=1)`",
    "shuffle": "leave it out: training rows are in a new random order in each epoch",
    "transform": "transforms are piped over the columns: `image = source.image |> to_float`",
}
"""What other libraries say with the data, and where it is said here."""


class DataBody(Augments):
    """The body of a data section."""

    argument_spans: Mapping[str, Span] = MappingProxyType({})
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
        with self.wanting(kind.kind):
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
        outer, self.kinds = self.kinds, ("source", "transform")
        source = self.component(node, Source, "source", '`csv("data/iris.csv")`')
        self.kinds = outer
        value: Value = POISON
        if isinstance(source, Source):
            self.data.source = source
            try:
                known = self.context.schemas.get(self.data.name)
                self.schema = source.describe(self.root) if known is None else known
                value = SourceValue(self.schema)
                self.data.schema = self.schema
                self.check_one_value(source.weights(), node.span, "drawn by")
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
        windows = None if self.data.source is None else self.data.source.windows_of()
        length = 1 if windows is None else windows[1]
        for name in split.columns():
            self.check_one_value(name, node.span, "shared out by", length)

    def check_one_value(self, name: str | None, span: Span, verb: str, length: int = 1) -> None:
        """Report a column that rows are shared out or drawn by, unless it has one value a row."""
        if name is None or self.schema is None:
            return
        span = next((s for s in self.argument_spans.values() if name in s.text), span)
        if name not in self.schema.fields:
            self.error(
                NO_COLUMN,
                f"the source has no column `{name}`",
                span,
                help=did_you_mean(name, self.schema.fields)
                or f"it has {listed(self.schema.fields)}",
            )
            return
        type_ = self.schema.fields[name]
        one = [] if length == 1 else [length]  # rows of windows are shared out before
        if [dim.known for dim in type_.dims] != one or (
            verb == "drawn by" and type_.element.base not in ("float", "int", "uint8")
        ):
            self.error(
                BAD_COLUMN,
                f"rows are {verb} one {'number' if verb == 'drawn by' else 'value'} "
                f"each, `{name}` is {type_}",
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
                help=near
                or NO_FIELDS.get(target.id)
                or f"such as `{target.id} = source.{target.id}`",
            )
        if isinstance(value, ColumnValue) and node.type is not None:
            value = self.declared(value, node.type, node.value.span)
        if isinstance(value, ColumnValue):
            value = self.with_lengths(value)
            self.data.fields[target.id] = value
            self.data.augments += [Augmented((target.id,), c, True) for c in value.random]
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
