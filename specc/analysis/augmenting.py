"""``augment image = image |> component``: fields of the training rows, changed at random."""

from __future__ import annotations

from msgspec.structs import replace

from specc.analysis import errors_sections as errors
from specc.analysis.apply import apply_component
from specc.analysis.columns import Augmented
from specc.analysis.data_transforms import Transforms
from specc.analysis.frame import Inputs
from specc.analysis.values import POISON, Poison, Recipe, Special, TensorValue, Value
from specc.components import Augmentation
from specc.components.ragged import is_ragged
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree
from specc.types.tensor import TensorType


class RowsValue(Special, frozen=True):
    """A field in an `augment` statement."""

    field: str
    type: TensorType

    def describe(self) -> str:
        return f"the field `{self.field}`"


class SeveralRows(Special, frozen=True):
    """Fields that were augmented alike."""

    rows: tuple[RowsValue, ...]

    def describe(self) -> str:
        return " and ".join(f"`{each.field}`" for each in self.rows)


class Augments(Transforms):
    """A body in which fields are augmented."""

    augments: list[Augmented] | None = None
    """What the `augment` that is being read applies; ``None`` outside of one."""

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
        self.augments.append(Augmented(tuple(value.field for value in rows), component))
        return rows[0] if len(rows) == 1 else SeveralRows(tuple(rows))

    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        if self.augments is not None:
            return self.augment(target, inputs, place)
        return super().apply(target, inputs, node, place)
