"""Losses that hold a score for every class against the class that is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from specc.components import Confusion, Loss, Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SETTING, BAD_SHAPE
from specc.ir import expr as ir
from specc.stdlib.errors_losses import (
    CLASSES_DIFFER,
    CLASSES_ELSEWHERE,
    ONE_FOR_MANY,
    SHAPES_DIFFER,
)
from specc.stdlib.families.figures import among_classes
from specc.stdlib.families.loss import FLOAT, class_weights, must_match
from specc.stdlib.families.sizes import axis_of
from specc.types.dim import Dim
from specc.types.poly import Facts, Verdict
from specc.types.tensor import Dims, Element, TensorType, show_dims


class Classification(Loss):
    """Scores ``[B, C, ...]`` against classes ``ids(C)[B, ...]``; ``dim`` says where C stands."""

    target: ClassVar[str]

    if TYPE_CHECKING:  # each component declares them where torch has them in its order
        weight: Any
        ignore_index: int
        reduction: Any
        dim: int

    @property
    def spoken(self) -> str:
        """The name in a spec."""
        return self.target.rpartition(".")[2]

    def infer(self, site: Site) -> TensorType:
        scores, target = site.inputs["input"], site.inputs["target"]
        if scores.rank < 2:
            raise Refusal(
                BAD_SHAPE,
                f"{self.spoken} wants a score for every class, got {scores}",
                label="wants a score for every class",
                help="one score a row is judged by binary_cross_entropy_with_logits",
                tensor="input",
            )
        axis = axis_of(scores, self.dim, field="dim")
        places = scores.dims[:axis] + scores.dims[axis + 1 :]
        self.must_choose(site, scores.dims[axis])
        self.judge(site, scores, axis, target)
        if site.has("mask"):
            self.must_mask(site, places)
        return TensorType(FLOAT, places if self.reduction == "none" else ())

    def judge(self, site: Site, scores: TensorType, axis: int, target: TensorType) -> None:
        """Refuse a target that is not the right class at every place."""
        must_be_classes(self.spoken, target)
        must_be_placed(site.facts, self.spoken, scores, axis, target)
        must_count(site.facts, scores.dims[axis], target.element)

    def must_choose(self, site: Site, classes: Dim) -> None:
        if classes.known == 1:
            raise Refusal(
                BAD_SHAPE,
                "with one class there is nothing to choose: the loss is always zero",
                help="binary_cross_entropy_with_logits takes one score for yes or no",
                tensor="input",
            )
        if self.weight is not None:
            given = Dim.of(len(self.weight))
            why = f"{given} weights for {classes} classes"
            if site.facts.compare(given.poly, classes.poly) is Verdict.DIFFERENT:
                raise Refusal(BAD_SETTING, why, field="weight")
            # Where the classes wait for the data, so does the answer.
            site.require(classes - given, 0, why)
            site.require(given - classes, 0, why)

    def must_mask(self, site: Site, places: Dims) -> None:
        mask = site.inputs["mask"]
        equal = mask.rank == len(places) and all(
            site.facts.compare(one.poly, other.poly) is Verdict.EQUAL
            for one, other in zip(mask.dims, places, strict=True)
        )
        if not equal:
            raise Refusal(
                SHAPES_DIFFER,
                f"the mask is {mask}, the labels {show_dims(places)}",
                label=f"counts {show_dims(places)}",
                help="a mask has the shape of the labels: true where one counts",
                tensor="mask",
            )

    # --- lowering ------------------------------------------------------------------------------

    def lower(self, site: Site) -> ir.Expr:
        target = site.tensor("target")
        if site.has("mask"):
            hidden = site.operation("~", site.tensor("mask"))
            target = site.method(target, "masked_fill", hidden, site.value("ignore_index"))
        return site.function(self.target, self.scores(site, "input"), target, **self.given(site))

    def scores(self, site: Site, name: str) -> ir.Expr:
        """The tensor with its classes moved to dim 1, where torch looks for them."""
        if self.dim % site.inputs[name].rank == 1:
            return site.tensor(name)
        return site.method(site.tensor(name), "movedim", site.value("dim"), 1)

    def figure(self, site: Site) -> Confusion:
        return among_classes(site, "input", self.dim)

    def given(self, site: Site, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
        """The keyword arguments of torch's function."""
        fields = site.fields(skip=("weight", "dim", *skip))
        return {**class_weights(site, "weight"), **fields}


def must_be_classes(loss: str, target: TensorType) -> None:
    """Refuse a target that is not a class at each place."""
    if target.element.name == "ids":
        return
    if target.element.base == "bool":
        help = "yes or no is judged by binary_cross_entropy_with_logits"
    elif target.element.base == "int":
        help = "plain int says nothing of its greatest value: `|> categories` makes ids of a column"
    else:
        help = "mse_loss compares numbers; `|> categories` makes ids of a column"
    raise Refusal(
        BAD_KIND,
        f"{loss} wants the classes as ids, got {target}",
        label="wants ids",
        help=help,
        tensor="target",
    )


def must_be_placed(
    facts: Facts, loss: str, scores: TensorType, axis: int, target: TensorType
) -> None:
    """Refuse a target that is not of the scores' shape without their classes."""
    places = scores.dims[:axis] + scores.dims[axis + 1 :]
    if _equal(facts, places, target.dims):
        return
    if axis != scores.rank - 1 and _equal(facts, scores.dims[:-1], target.dims):
        raise Refusal(
            CLASSES_ELSEWHERE,
            f"{loss} looks for the classes at dim {axis}, where {scores} has {scores.dims[axis]}",
            label=f"takes axis {axis} for the classes",
            help=f"the classes are last: {loss}(dim=-1)",
            tensor="input",
        )
    if target.rank > len(places) and _equal(facts, places, target.dims[: len(places)]):
        more = show_dims(target.dims[len(places) :])
        raise Refusal(
            ONE_FOR_MANY,
            f"a row has {more} labels and one prediction: {scores} against {target}",
            label="compares each prediction with one label",
            help="score every step rather than the last one: keep the axis of the sequence, "
            f"then {loss}(dim=-1)",
            tensor="target",
        )
    if len(places) == target.rank:
        wanted = TensorType(target.element, places)
        must_match(facts, wanted, target, "target")
    raise Refusal(
        SHAPES_DIFFER,
        f"the scores are {scores}, the classes {target}",
        label=f"wants a class for each of {show_dims(places)}",
        help="scores [B, C, ...] go with classes [B, ...]"
        + (": one score for each row is wanted" if target.rank < len(places) else ""),
        tensor="target",
    )


def must_count(facts: Facts, classes: Dim, element: Element) -> None:
    """Refuse a head that has not proven to have a score for each class, and no more."""
    if not isinstance(element.bound, Dim):
        raise Refusal(
            CLASSES_DIFFER,
            f"{element} are several columns with classes of their own",
            help="give each column a head and a loss: `kinds[:, 0]`",
            tensor="target",
        )
    verdict = facts.compare(classes.poly, element.bound.poly)
    if verdict is Verdict.EQUAL:
        return
    if verdict is Verdict.DIFFERENT:
        raise Refusal(
            CLASSES_DIFFER,
            f"the head scores {classes} classes, the data has {element.bound}",
            label="needs a score for each class",
            help=f"make the last layer as wide as the data has classes: {element.bound}",
            tensor="target",
        )
    raise Refusal(
        CLASSES_DIFFER,
        f"the head scores {classes} classes, the data has {element.bound}: "
        "these are not known to be equal",
        label="needs a score for each class",
        help=f"write {element.bound} where the model takes its number of classes",
        tensor="target",
    )


def _equal(facts: Facts, left: Dims, right: Dims) -> bool:
    return len(left) == len(right) and all(
        facts.compare(one.poly, other.poly) is Verdict.EQUAL
        for one, other in zip(left, right, strict=True)
    )
