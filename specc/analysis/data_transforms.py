"""Transforms of columns: their types, and the sizes that they learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_sections as errors
from specc.analysis.apply import apply_component
from specc.analysis.body import Body
from specc.analysis.columns import ColumnValue, DataSection
from specc.analysis.definitions import FileScope
from specc.analysis.frame import Context, Inputs
from specc.analysis.models import Models
from specc.analysis.values import POISON, Argument, Recipe, TensorValue, Value, describe
from specc.components import Augmentation, Component, Refusal, Source, Transform
from specc.components.data import Schema
from specc.components.errors_data import NO_FILE
from specc.components.ragged import is_ragged
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Poly
from specc.types.tensor import TensorType
from specc.types.terms import Ref


class Transforms(Body):
    """A body in which columns are piped through transforms."""

    kinds: Sequence[str] = ("transform", "augmentation")
    recipe_kinds: Sequence[str] = ("source", "split", "transform", "augmentation")
    statement_kinds: Sequence[str] = ("augment",)

    def __init__(
        self, context: Context, scope: FileScope, models: Models, data: DataSection, root: Path
    ) -> None:
        super().__init__(context, scope, models, {}, {})
        self.data = data
        self.root = root
        self.field = ""
        """The field that is being defined."""
        self.width: int | None = None
        """How many columns are stacked in what is being transformed."""
        self.schema: Schema | None = None
        """What the source holds, where it could be described."""

    def pipe_source(self, target: Value, inputs: Inputs, place: Span) -> Value:
        """``csv("x.csv") |> windows(60)``: the first source is a setting of the second."""
        value, span = inputs.positional[0]
        if isinstance(target, Recipe) and isinstance(target.target, Entry):
            cls = target.target.load(target.span)
            takes = cls.takes if issubclass(cls, Source) else None
            if takes is not None and isinstance(value, Recipe) and len(inputs.positional) == 1:
                return Recipe(
                    target.target,
                    (*target.arguments, Argument(takes, value, span, None)),
                    target.span,
                    target.written,
                )
        return self.error(
            meaning.NOT_APPLICABLE,
            f"`{target.written}` takes no rows of a source"
            if isinstance(target, Recipe)
            else f"{describe(target)} takes no rows of a source",
            place,
            "cannot be applied to a source",
            help='such as `csv("x.csv") |> windows(60)`; transforms are piped over columns',
        )

    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        if self.kinds == ("source", "transform"):
            return self.pipe_source(target, inputs, place)
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
        if issubclass(cls, Augmentation):
            return self.at_random(value, cls, target, inputs.positional[0][1], place)
        if value.random:
            return self.error(
                errors.BAD_AUGMENT,
                f"`{target.written}` comes after what changes the rows at random",
                place,
                "is done once, before the training",
                help=f"put it before the random one: `... |> {target.written} |> ...`",
            )
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

    def at_random(
        self, value: ColumnValue, cls: type[Augmentation], target: Recipe, span: Span, place: Span
    ) -> Value:
        """``view = source.image |> to_float |> random_crop(32)``: at random, in every split."""
        if cls.mixes_rows:
            return self.error(
                errors.BAD_AUGMENT,
                f"`{target.written}` mixes the rows of a batch",
                place,
                "a field is made of its own row",
                help=f"`augment {self.field} = {self.field} |> {target.written}` mixes those of "
                "training batches",
            )
        if any(map(is_ragged, value.type.dims)):
            return self.error(
                errors.RAGGED_ROWS,
                f"`{target.written}` takes rows of one size, not {value.type}",
                place,
                "the rows differ in length",
            )
        assert isinstance(target.target, Entry)
        given = Inputs(((TensorValue(value.type, ir.Local("x")), span),))
        applied = apply_component(self, target.target, target, given, place, lowers=False)
        if applied is None:
            return POISON
        outputs = applied.outputs
        (type_,) = outputs if isinstance(outputs, tuple) else tuple(outputs.values())
        if type_ != value.type:
            return self.error(
                errors.BAD_AUGMENT,
                f"`{target.written}` makes {type_} of {value.type}",
                place,
                "a row that is changed at random keeps its type",
            )
        assert isinstance(applied.component, Augmentation)
        return replace(value, random=(*value.random, applied.component))

    def takes_no_tensors(self, recipe: Recipe) -> bool:
        return False

    def fitted(
        self, component: Component, spans: Mapping[str, Span], place: Span
    ) -> Mapping[str, Dim] | None:
        """The sizes a transform learns: known once the data was read, symbolic before, unless a
        file of the project has them."""
        if not isinstance(component, Transform):
            return {}
        loaded = self._loaded(component, spans, place)
        if loaded is None:
            return None
        found: dict[str, Dim | tuple[Dim, ...]] = {}
        for name in component.attributes:
            if component.per_column and self.width is not None:
                known = self.known(name)
                shown = f"{self.field}.{name}"
                sizes = known if isinstance(known, tuple) else (None,) * self.width
                found[name] = tuple(_size(f"{shown}[{k}]", size) for k, size in enumerate(sizes))
            else:
                found[name] = self.fitted_size(name, loaded.get(name))
        if component.makes_ragged:
            found["length"] = self.new_length()
        return found  # type: ignore[return-value]

    def _loaded(
        self, transform: Transform, spans: Mapping[str, Span], place: Span
    ) -> Mapping[str, Any] | None:
        """What a transform has from files; nothing where the data was read before."""
        if any(self.known(name) is not None for name in transform.attributes):
            return {}
        try:
            return transform.load(self.root)
        except Refusal as refusal:
            # A missing file is no mistake of the spec, as for sources.
            missing = refusal.code is NO_FILE
            code = errors.DATA_NOT_FOUND if missing else refusal.code
            span = spans.get(refusal.field or "", place)
            self.error(code, refusal.message, span, refusal.label, help=refusal.help)
            return {} if missing else None

    def known(self, attribute: str) -> int | tuple[int, ...] | None:
        """An attribute of the field that is being defined, once the data was read."""
        return self.context.known.get(f"{self.data.name}.{self.field}.{attribute}")

    def fitted_size(self, attribute: str, loaded: int | None = None) -> Dim:
        """An attribute of the field that is being defined, as a size."""
        known = self.known(attribute)
        return _size(f"{self.field}.{attribute}", known if isinstance(known, int) else loaded)

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
