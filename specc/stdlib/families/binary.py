"""Losses that hold scores against yes or no."""

from __future__ import annotations

from typing import Any

from specc.components import Confusion, Refusal, Residuals, Site
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.ir import expr as ir
from specc.stdlib.errors_losses import CLASSES_DIFFER
from specc.stdlib.families.figures import of_two
from specc.stdlib.families.loss import Comparison, must_match, numbers
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import Dims


class Binary(Comparison):
    """Scores against a target of one shape: numbers from 0 to 1, a mask, or ``ids(2)``."""

    def shape(self, site: Site) -> Dims:
        scores, target = site.inputs["input"], site.inputs["target"]
        element = target.element
        if element.name == "ids":
            bounds = element.bound if isinstance(element.bound, tuple) else (element.bound,)
            for bound in bounds:
                self._must_be_two(site, bound)
        elif element.base not in ("float", "bool") or element.name in ("logits", "log_probs"):
            raise Refusal(
                BAD_KIND,
                f"the target is yes or no, or a probability, not {target}",
                label="wants yes or no",
                help="compare to make a mask: `target > 0`",
                tensor="target",
            )
        must_match(site.facts, scores, target, "target")
        return scores.dims

    @staticmethod
    def _must_be_two(site: Site, bound: Dim | None) -> None:
        if bound is None or site.facts.compare(bound.poly, Dim.of(2).poly) is Verdict.EQUAL:
            return
        raise Refusal(
            CLASSES_DIFFER,
            f"yes or no are 2 classes, the data has {bound}",
            label="chooses between 2",
            help="cross_entropy chooses among several classes",
            tensor="target",
        )

    def compared(self, site: Site) -> list[ir.Expr]:
        target = site.tensor("target")
        if site.inputs["target"].element.base != "float":
            target = site.method(target, "float")
        return [site.tensor("input"), target]

    def figure(self, site: Site) -> Confusion | Residuals:
        """A target that is a number from 0 to 1 is compared as a number."""
        if site.inputs["target"].element.base != "float":
            return of_two(site, "input")
        given = site.tensor("input")
        if site.inputs["input"].element.name != "probs":
            given = site.method(given, "sigmoid")
        return Residuals(given, site.tensor("target"), site.expressions.get("mask"))

    def settings(self, site: Site, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
        """A list of numbers goes along the last axis."""
        settings = super().settings(site, skip=skip)
        for name in ("weight", "pos_weight"):
            if name in settings:
                settings[name] = numbers(site, name)
        return settings

    def must_fit(self, site: Site, field: str, shape: Dims) -> None:
        """Refuse a list that has not one number for each entry of the last axis."""
        given = getattr(self, field)
        if not isinstance(given, tuple):
            return
        last = shape[-1] if shape else Dim.of(1)
        count = Dim.of(len(given))
        if site.facts.compare(count.poly, last.poly) is not Verdict.EQUAL:
            raise Refusal(BAD_SETTING, f"{count} numbers for a last axis of {last}", field=field)
