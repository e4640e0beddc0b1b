"""What losses and metrics of classes have drawn: the choices that their scores come to."""

from __future__ import annotations

from specc.components import Confusion, Site
from specc.ir import expr as ir

_EVEN = {"logits": 0.0, "probs": 0.5, "log_probs": -0.6931471805599453}
"""Where a score is for neither of two classes."""


def among_classes(site: Site, scores: str, dim: int) -> Confusion:
    """The class with the highest score against the target, which is a class or has a probability
    for each."""
    target = site.tensor("target")
    if site.inputs["target"].element.base == "float":
        target = _highest(site, "target", dim)
    return Confusion(_highest(site, scores, dim), target, _counted(site, target))


def of_two(site: Site, scores: str) -> Confusion:
    """One score each, taken for yes where it is above the middle, against a target of two."""
    given = site.inputs["target"]
    target = site.tensor("target")
    if given.element.base == "float":
        target = site.operation(">", target, 0.5)
    middle = _EVEN.get(site.inputs[scores].element.name, 0.0)
    chosen = site.operation(">", site.tensor(scores), middle)
    return Confusion(chosen, target, _counted(site, target))


def chosen_before(site: Site, chosen: str) -> Confusion:
    """Classes that the spec itself has chosen."""
    target = site.tensor("target")
    return Confusion(site.tensor(chosen), target, _counted(site, target))


def _highest(site: Site, name: str, dim: int) -> ir.Expr:
    return site.method(site.tensor(name), "argmax", dim % site.inputs[name].rank)


def _counted(site: Site, target: ir.Expr) -> ir.Expr | None:
    mask = site.expressions.get("mask")
    if "ignore_index" not in site.written:
        return mask
    kept = site.operation("!=", target, site.value("ignore_index"))
    return kept if mask is None else site.operation("&", mask, kept)
