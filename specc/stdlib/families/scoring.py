"""What the metrics have in common."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from specc.components import Confusion, Metric, Outputs, Refusal, Residuals, Site
from specc.components.base import put_last
from specc.components.errors import BAD_KIND, BAD_SETTING, BAD_SHAPE
from specc.components.fields import Axis
from specc.ir import expr as ir
from specc.stdlib.families.figures import among_classes, chosen_before, of_two
from specc.stdlib.families.loss import must_begin
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import Dims, Element, TensorType, show_dims

ACCUMULATORS = "specc.stdlib.accumulators"
NUMBER = TensorType(Element("float"), ())

_SCORES = {"float": "logits", "logits": "logits", "probs": "probs", "log_probs": "log_probs"}


class ClassMetric(Metric):
    """Compares scores for classes with the right classes.

    Inputs: scores (``logits``, ``probs`` or ``log_probs``; a plain float counts as logits) and the
    target. With several classes the scores have one axis more, ``dim``, and the target is
    ``ids(C)``. With two classes the scores may be one for each target, which is then a ``mask``,
    ``bool``, ``ids(2)`` or a float of 0 and 1. Classes that were chosen already (``ids``) stand for
    scores as well. Targets of ``ignore_index`` are left out; with ``mask`` (its shape begins that
    of the target) only the places where it is true count.
    """

    signature = "scores: any[...S], target: other[...T], mask: mask[...M]? -> float[]"
    metric: ClassVar[str]
    """The name in `torchmetrics.classification` after ``Multiclass`` or ``Binary``."""

    curve: ClassVar[bool] = False
    chosen: ClassVar[bool] = True
    """Whether it takes classes that were chosen already."""

    ignore_index: int | None = None
    dim: Axis = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        put_last(cls, ClassMetric.model_fields)

    def infer(self, site: Site) -> Outputs:
        self.classes(site)
        if site.has("mask"):
            must_begin(site, site.inputs["mask"], site.inputs["target"].dims)
        return NUMBER

    def lower(self, site: Site) -> ir.Construct:
        classes = self.classes(site)
        settings = self.settings(site, classes)
        if classes is None:
            metric, dim = f"Binary{self.metric}", None
        else:
            metric, dim = f"Multiclass{self.metric}", self.dim
        if self.curve:
            settings["curve"] = True
        scores = self.given(site)
        return accumulator("Classified", metric=metric, scores=scores, dim=dim, **settings)

    def settings(self, site: Site, classes: Dim | None) -> dict[str, Any]:
        """Arguments of the class of torchmetrics; ``classes`` is ``None`` for one score each."""
        left_out = ignored(self.ignore_index)
        return left_out if classes is None else {"num_classes": classes} | left_out

    def given(self, site: Site) -> str:
        """What the scores are, in the words of `Classified`."""
        return _SCORES.get(site.inputs["scores"].element.name, "ids")

    def classes(self, site: Site) -> Dim | None:
        """The number of classes, or ``None`` for one score each; refuses what does not fit."""
        scores, target = site.inputs["scores"], site.inputs["target"]
        if scores.element.name == "ids":
            return self._chosen(site)
        if scores.element.name not in _SCORES:
            raise Refusal(
                BAD_KIND,
                f"scores are floats or chosen classes, not {scores}",
                tensor="scores",
            )
        if scores.rank == target.rank:
            _equal(site, scores.dims, target.dims)
            two = target.element.bound
            binary = target.element.name == "ids" and isinstance(two, Dim) and two.known == 2
            if not binary and target.element.base not in ("bool", "float"):
                raise Refusal(
                    BAD_KIND,
                    f"with one score each the target has two classes, not {target.element}",
                    help="scores for C classes have one axis more than the target",
                    tensor="target",
                )
            return None
        dims, classes = _without(self.dim, scores)
        _equal(site, dims, target.dims)
        bound = target.element.bound
        if target.element.name != "ids":
            raise Refusal(
                BAD_KIND,
                f"the target of {show_dims(scores.dims)} scores is ids({classes}), not {target}",
                help="label = source.label |> categories",
                tensor="target",
            )
        if isinstance(bound, Dim) and not _same(site, bound, classes):
            raise Refusal(
                BAD_SHAPE,
                f"there are scores for {classes} classes, but the target has {bound}",
                help=f"let the model give {bound} scores: its last layer is that wide",
                tensor="target",
            )
        return classes

    def figure(self, site: Site) -> Confusion:
        scores, target = site.inputs["scores"], site.inputs["target"]
        if scores.element.name == "ids":
            return chosen_before(site, "scores")
        if scores.rank == target.rank:
            return of_two(site, "scores")
        return among_classes(site, "scores", self.dim)

    def _chosen(self, site: Site) -> Dim:
        scores, target = site.inputs["scores"], site.inputs["target"]
        one, other = scores.element.bound, target.element.bound
        if not self.chosen or target.element.name != "ids":
            raise Refusal(BAD_KIND, f"{scores} are no scores for {target}", tensor="scores")
        _equal(site, scores.dims, target.dims)
        if not (isinstance(one, Dim) and isinstance(other, Dim) and _same(site, one, other)):
            raise Refusal(
                BAD_SHAPE,
                f"{scores.element} are chosen, but the target is {target.element}",
                tensor="target",
            )
        return one


class AveragedMetric(ClassMetric):
    """A class metric that is taken for each class and averaged.

    ``average`` is ``"macro"`` (classes count equally), ``"micro"`` (rows do) or ``"weighted"`` (a
    class by its rows); with one score each it is that of the second class.
    """

    average: Literal["macro", "micro", "weighted"] = "macro"

    def settings(self, site: Site, classes: Dim | None) -> dict[str, Any]:
        settings = super().settings(site, classes)
        if classes is not None:
            settings["average"] = self.average
        return settings


class NumberMetric(Metric):
    """Compares predicted numbers with the right ones, value by value; both have one shape.

    With ``mask`` (its shape begins theirs) only the places where it is true count.
    """

    signature = "predicted: float[...], target: float[...], mask: mask[...M]? -> float[]"
    metric: ClassVar[str]
    """The name in `torchmetrics.regression`."""

    def infer(self, site: Site) -> Outputs:
        if site.has("mask"):
            must_begin(site, site.inputs["mask"], site.inputs["target"].dims)
        return None

    def figure(self, site: Site) -> Residuals:
        mask = site.expressions.get("mask")
        return Residuals(site.tensor("predicted"), site.tensor("target"), mask)

    def lower(self, site: Site) -> ir.Construct:
        return accumulator("Regressed", metric=self.metric)


def ignored(index: int | None) -> dict[str, Any]:
    """The argument for a class that is left out."""
    return {} if index is None else {"ignore_index": index}


def accumulator(name: str, **arguments: Any) -> ir.Construct:
    """The constructor call of a class of `specc.stdlib.accumulators`."""
    from specc.components.site import as_term

    given = (ir.Given(key, as_term(value), True) for key, value in arguments.items())
    return ir.Construct(f"{ACCUMULATORS}.{name}", tuple(given))


def _without(dim: int, scores: TensorType) -> tuple[Dims, Dim]:
    """The dims of the scores without that of the classes, and that one."""
    axis = dim + scores.rank if dim < 0 else dim
    if not 0 < axis < scores.rank:
        raise Refusal(
            BAD_SETTING,
            f"{scores} has no classes at dim {dim}",
            help="classes are at dim 1 as in torch, or dim=-1",
            field="dim",
        )
    return scores.dims[:axis] + scores.dims[axis + 1 :], scores.dims[axis]


def _equal(site: Site, scores: Dims, target: Dims) -> None:
    if len(scores) == len(target) and all(
        _same(site, one, other) for one, other in zip(scores, target, strict=True)
    ):
        return
    raise Refusal(
        BAD_SHAPE,
        f"scores for {show_dims(scores)} do not match a target of {show_dims(target)}",
        tensor="target",
    )


def _same(site: Site, one: Dim, other: Dim) -> bool:
    return site.facts.compare(one.poly, other.poly) is Verdict.EQUAL
