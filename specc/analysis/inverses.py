"""``tensor |> inverse(field)``: predictions as the values that the field was made of."""

from __future__ import annotations

from collections.abc import Mapping

from specc.analysis import errors_sections as errors
from specc.analysis.frame import Frame, Inputs
from specc.analysis.values import (
    POISON,
    Argument,
    Poison,
    Special,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.diagnostics import Span
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.elements import mismatch
from specc.types.poly import Verdict
from specc.types.tensor import TensorType


class Inverted(Special, frozen=True):
    """A tensor that is to be taken back through the transforms of a field."""

    tensor: TensorValue
    field: str

    def describe(self) -> str:
        return f"a prediction of the values of `{self.field}`"


class InverseOf(Special, frozen=True):
    """``inverse(field)``."""

    field: str
    type: TensorType

    def describe(self) -> str:
        return f"the inverse of `{self.field}`"

    def applied(self, frame: Frame, inputs: Inputs, place: Span) -> Value | None:
        value = inputs.positional[0][0] if len(inputs.positional) == 1 else None
        if value is None or not is_tensor(value) or inputs.named:
            return None
        tensor = tensor_of(value)
        wanted, given = self.type, tensor.type
        fits = len(wanted.dims) == len(given.dims) and all(
            frame.facts.compare(one.poly, other.poly) is not Verdict.DIFFERENT
            for one, other in zip(wanted.dims, given.dims, strict=True)
        )
        if not fits or mismatch(wanted.element, given.element) is not None:
            return frame.error(
                errors.BAD_INVERSE,
                f"`inverse({self.field})` takes {wanted}, as the field is; this is {given}",
                place,
                "not of the field's form",
                help=f"choose a class first: `scores |> argmax(dim=1) |> inverse({self.field})`"
                if wanted.element.name == "ids"
                else None,
            )
        return Inverted(tensor, self.field)


class Inverse(Special, frozen=True):
    """The word ``inverse`` of a train section; ``fields`` are those of its data."""

    fields: Mapping[str, TensorType]

    def describe(self) -> str:
        return "`inverse`, which takes a field: `inverse(label)`"

    def called(self, frame: Frame, node: tree.Call, arguments: tuple[Argument, ...]) -> Value:
        if len(arguments) == 1 and arguments[0].name is None:
            value = arguments[0].value
            if isinstance(value, Poison):
                return POISON
            if (
                isinstance(value, TensorValue)
                and isinstance(value.expr, ir.Local)
                and value.expr.name in self.fields
            ):
                return InverseOf(value.expr.name, self.fields[value.expr.name])
            got = describe(value)
        else:
            got = f"{len(arguments)} values"
        listed = ", ".join(f"`{name}`" for name in self.fields)
        return frame.error(
            errors.BAD_INVERSE,
            f"`inverse` takes a field of the data, not {got}",
            node.span,
            "not a field",
            help=f"fields are {listed}" if listed else None,
        )
