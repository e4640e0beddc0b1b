"""Names that nothing defines: what was meant, or where the component of that name belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specc.analysis import errors_names as errors
from specc.components.data import listed
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.registry.discovery import suppliers

if TYPE_CHECKING:
    from specc.analysis.frame import Frame
    from specc.analysis.values import Poison

FEW = 12
"""Components of the wanted kinds that are listed where nothing is like the name."""


def unknown_component(frame: Frame, name: str, span: Span) -> Poison:
    """Report something that is applied or configured and is no component here."""
    kinds = frame.wanted or [*frame.kinds, *frame.recipe_kinds]
    what = "component or model" if "layer" in kinds else kinds[0]
    misplaced = elsewhere(frame, name)
    if misplaced is not None:
        message, help_ = misplaced
        right = frame.context.registry.known_as(name, kinds)
        return frame.error(
            errors.UNKNOWN_COMPONENT,
            message,
            span,
            "does not stand here",
            help=_is_called(right) if right else help_,
        )
    return frame.error(
        errors.UNKNOWN_COMPONENT,
        f"there is no {what} `{name}`",
        span,
        "unknown",
        help=_supplied(name) or nearest(frame, name, kinds) or _some(frame, kinds),
    )


def elsewhere(frame: Frame, name: str) -> tuple[str, str | None] | None:
    """What a component of this name is, and where it stands: not where it is written."""
    found = frame.context.registry.candidates(name)
    if not found or frame.context.collector.crowded:
        return None
    entry = found[0]
    article = "an" if entry.kind[0] in "aeiou" else "a"
    stands = entry.load().stands
    return (
        f"`{name}` is {article} {entry.kind}",
        f"it stands as {stands.format(name)}" if stands else None,
    )


def nearest(frame: Frame, name: str, kinds: Sequence[str]) -> str | None:
    """A suggestion, unless there are so many mistakes that nobody will read this one.

    A setting that takes components of certain kinds was meant to have one of these.
    """
    if frame.context.collector.crowded:
        return None
    registry, bare = frame.context.registry, name.rpartition(".")[2]
    right = registry.known_as(bare, kinds)
    if right is not None:
        return _is_called(right)
    in_scope = () if frame.wanted else frame.in_scope()
    return did_you_mean(bare, [*in_scope, *registry.names(kinds)])


def _is_called(right: str) -> str:
    return f"it is called `{right}` here"


def _some(frame: Frame, kinds: Sequence[str]) -> str:
    """Components that could stand here."""
    if "layer" in kinds and not frame.wanted:
        return "components have torch's names: `linear`, `conv2d`, `batch_norm`, `lstm`, `relu`"
    names = frame.context.registry.names(kinds)
    return f"there is {listed(names, FEW)}"


def _supplied(name: str) -> str | None:
    """Which plugins have a component of this name, where the spec uses none of them."""
    owners = suppliers(name.rpartition(".")[2])
    if not owners:
        return None
    has = "has" if len(owners) == 1 else "have"
    uses = " or ".join(f"`use {owner.plugin}`" for owner in owners)
    return f"{' and '.join(map(str, owners))} {has} it: write {uses}"
