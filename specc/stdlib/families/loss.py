"""What a loss demands of the prediction and its target: one shape, no broadcasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from specc.components import FunctionLoss, Loss, Refusal, Residuals, Site
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.ir import expr as ir
from specc.stdlib.errors_losses import SHAPES_DIFFER
from specc.types.poly import Facts, Verdict
from specc.types.tensor import BroadcastFailure, Dims, Element, TensorType, broadcast, show_dims
from specc.types.terms import Const, ListTerm, Term

Reduce = Literal["mean", "sum", "none"]

FLOAT = Element("float")


class Comparison(FunctionLoss):
    """A loss that compares values with values of one shape, and reduces what it finds.

    With ``mask`` only the places where it is true count; its shape begins the target's.
    """

    signature = "input: float[...], target: float[...], mask: mask[...M]? -> float[]"

    if TYPE_CHECKING:  # each component declares it where torch has it in its order
        reduction: Any

    def infer(self, site: Site) -> TensorType:
        shape = self.shape(site)
        if site.has("mask"):
            must_begin(site, site.inputs["mask"], shape)
            if self.reduction == "none":
                raise Refusal(
                    BAD_SETTING,
                    "a mask says what to average, and reduction none averages nothing",
                    help="multiply the result with the mask instead",
                    field="reduction",
                )
        return TensorType(FLOAT, shape if self.reduction == "none" else ())

    def shape(self, site: Site) -> Dims:
        """The shape of the loss before it is reduced."""
        return next(iter(site.inputs.values())).dims

    def explain(self, site: Site) -> None:
        tensors = {name: type for name, type in site.inputs.items() if name != "mask"}
        for name, type in tensors.items():
            must_be_float(name, type)
        names = list(tensors)
        for name in names[1:]:
            must_match(site.facts, tensors[names[0]], tensors[name], name)

    def lower(self, site: Site) -> ir.Expr:
        compared = self.compared(site)
        if not site.has("mask"):
            return site.function(self.target, *compared, **self.settings(site))
        settings = {**self.settings(site, skip=("reduction",)), "reduction": "none"}
        return masked(self.reduction, site.function(self.target, *compared, **settings), site)

    def compared(self, site: Site) -> list[ir.Expr]:
        """The tensors that torch's function takes, in its order."""
        return [site.tensor(name) for name in site.inputs if name != "mask"]

    def settings(self, site: Site, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
        """The keyword arguments of torch's function."""
        return dict(site.fields(skip=skip))


class Difference(Comparison):
    """A comparison that is least where the input is the target."""

    def figure(self, site: Site) -> Residuals:
        return Residuals(site.tensor("input"), site.tensor("target"), site.expressions.get("mask"))


def masked(reduction: str, values: ir.Expr, site: Site) -> ir.Expr:
    """The mean or sum of a loss where the mask is true."""
    part = "masked_sum" if reduction == "sum" else "masked_average"
    return site.inline(f"specc.stdlib.parts.{part}.{part}", values, site.tensor("mask"))


def class_weights(site: Site, field: str) -> dict[str, Any]:
    """A list of numbers as a tensor beside the prediction, where it is given."""
    if field not in site.written:
        return {}
    return {field: numbers(site, field)}


def numbers(site: Site, field: str) -> ir.Expr:
    """A number, or a list of them, as a tensor of floats beside the prediction."""
    written = site.value(field)
    if isinstance(written, ListTerm):
        written = ListTerm(tuple(_as_float(item) for item in written.items))
    return site.function("torch.tensor", _as_float(written), device=ir.Device())


def _as_float(term: Term) -> Term:
    """``2`` as ``2.0``: of whole numbers torch would make another kind of tensor."""
    whole = isinstance(term, Const) and isinstance(term.value, int)
    return Const(float(term.value)) if whole else term  # type: ignore[union-attr, arg-type]


def must_be_float(name: str, type: TensorType) -> None:
    """Refuse what is no number to compare with."""
    if type.element.base == "float":
        return
    if type.element.name == "ids":
        help = "cross_entropy compares scores with classes"
    else:
        help = "to_float makes numbers of them"
    raise Refusal(
        BAD_KIND,
        f"this loss compares numbers, and its {name} is {type}",
        label="compares numbers",
        help=help,
        tensor=name,
    )


def must_match(facts: Facts, prediction: TensorType, target: TensorType, name: str) -> None:
    """Refuse a target whose shape is not proven to be the prediction's."""
    unknown = None
    if prediction.rank == target.rank:
        verdicts = [
            (facts.compare(one.poly, other.poly), one, other)
            for one, other in zip(prediction.dims, target.dims, strict=True)
        ]
        if all(verdict is Verdict.EQUAL for verdict, _, _ in verdicts):
            return
        if all(verdict is not Verdict.DIFFERENT for verdict, _, _ in verdicts):
            unknown = next(pair for pair in verdicts if pair[0] is Verdict.UNKNOWN)
    if unknown is not None:
        _, one, other = unknown
        raise Refusal(
            SHAPES_DIFFER,
            f"{one} and {other} are not known to be equal",
            label=f"compares {prediction} with {target}",
            help=f'use one name for both, or say so with assert {one} == {other}, "..."',
            tensor=name,
        )
    together = broadcast(prediction.dims, target.dims, facts)
    raise Refusal(
        SHAPES_DIFFER,
        f"the prediction is {prediction}, the {name} {target}"
        + ("" if isinstance(together, BroadcastFailure) else ": they only broadcast"),
        label="compares value with value",
        help=_mend(prediction, target, name),
        tensor=name,
    )


def _mend(prediction: TensorType, target: TensorType, name: str) -> str:
    """The one step that makes two shapes equal, where there is one."""
    for longer, shorter, word in (
        (prediction, target, "the prediction"),
        (target, prediction, f"the {name}"),
    ):
        for axis, dim in enumerate(longer.dims):
            rest = longer.dims[:axis] + longer.dims[axis + 1 :]
            if dim.known == 1 and [d.poly for d in rest] == [d.poly for d in shorter.dims]:
                return f"leave the axis of size 1 out of {word}: `|> squeeze({axis})`"
    return "a loss compares value with value: bring both to one shape"


def must_begin(site: Site, mask: TensorType, shape: Dims) -> None:
    """Refuse a mask whose shape is not the beginning of ``shape``."""
    matches = mask.rank <= len(shape) and all(
        site.facts.compare(one.poly, other.poly) is Verdict.EQUAL
        for one, other in zip(mask.dims, shape, strict=False)
    )
    if not matches:
        raise Refusal(
            SHAPES_DIFFER,
            f"the mask is {mask}, what it counts {show_dims(shape)}",
            label=f"counts {show_dims(shape)}",
            help="a mask has the shape of the target, or the first axes of it",
            tensor="mask",
        )


__all__ = [
    "FLOAT",
    "Comparison",
    "Difference",
    "Loss",
    "Reduce",
    "class_weights",
    "masked",
    "must_be_float",
    "must_begin",
    "must_match",
]
