"""Why tensors do not fit a component, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_shapes as shapes
from specc.analysis.frame import Frame
from specc.analysis.hints import kind_hint, rank_hint, settle
from specc.analysis.values import (
    Recipe,
)
from specc.components import Refusal, Site, TensorComponent
from specc.components.errors import BAD_KIND
from specc.diagnostics import Code, Label, Span
from specc.types import signature as notation
from specc.types.notation import Rest
from specc.types.poly import Facts, Verdict
from specc.types.signature import Category, Signature, SignatureMismatch
from specc.types.tensor import TensorType


def explain(
    frame: Frame,
    component: TensorComponent,
    signature: Signature,
    site: Site,
    recipe: Recipe,
    spans: Mapping[str, Span],
    place: Span,
    mismatch: SignatureMismatch,
) -> None:
    """Say why the tensors do not fit: in the component's own words if it has any."""
    try:
        component.explain(site)
    except Refusal as refusal:
        refuse(frame, refusal, recipe, {}, spans, place, site.inputs)
        return
    text = notation.show(signature).partition(" -> ")[0]
    given = site.inputs.get(mismatch.input)
    shown = f"this is {given}" if given is not None else ""
    labels = _input_labels(spans, mismatch.input, place, shown)
    code, message, help_ = _worded(recipe.written, mismatch, frame.facts)
    if mismatch.category is Category.MISSING_INPUT:
        message, help_ = _missing(recipe.written, signature, site)
    if mismatch.category is Category.RANK and given is not None:
        message, help_ = _rank(recipe.written, signature, mismatch, given)
    frame.error(code, message, place, f"takes {text}", labels=labels, help=help_)


def _missing(written: str, signature: Signature, site: Site) -> tuple[str, str]:
    """Headline and hint for tensors that are not given."""
    names = [i.name for i in signature.inputs if not i.optional and i.name not in site.inputs]
    listed = " and ".join(f"`{name}`" for name in names)
    group = ", ".join(f"{name}=..." for name in names)
    return (
        f"`{written}` needs the tensor{'s' if len(names) > 1 else ''} {listed} too",
        f"pipe a group: `(x, {group}) |> {written}`",
    )


def _rank(
    written: str, signature: Signature, mismatch: SignatureMismatch, given: TensorType
) -> tuple[str, str | None]:
    """Headline and hint for a tensor with the wrong number of axes."""
    (wanted,) = (i.pattern.dims for i in signature.inputs if i.name == mismatch.input)
    plain = sum(1 for dim in wanted if not isinstance(dim, Rest))
    least = "" if plain == len(wanted) else " at least"
    which = _which(mismatch.input)
    return (
        f"`{written}` takes a tensor of{least} {_axes(plain)}{which}, got one of {given.rank}",
        mismatch.reason or rank_hint(plain, given.rank, sequence=_is_sequence(wanted)),
    )


def _is_sequence(wanted: Sequence[object]) -> bool:
    """Whether a pattern has a time axis: sequence layers call it ``T``."""
    return any(getattr(dim, "name", None) == "T" for dim in wanted)


def _axes(count: int) -> str:
    return f"{count} ax{'i' if count == 1 else 'e'}s"


def _which(name: str) -> str:
    return "" if name in (notation.SINGLE_INPUT, "0") else f" as `{name}`"


def _input_labels(
    spans: Mapping[str, Span], name: str, place: Span, shown: str
) -> tuple[Label, ...]:
    span = spans.get(name)
    return (Label(span, shown),) if span is not None and shown and span != place else ()


def _worded(
    written: str, mismatch: SignatureMismatch, facts: Facts
) -> tuple[Code, str, str | None]:
    """Code, headline and hint for one way of not fitting."""
    which = _which(mismatch.input)
    match mismatch.category:
        case Category.MISSING_INPUT:
            return (
                meaning.WRONG_INPUTS,
                "",  # `_missing` says it, of all that are missing
                None,
            )
        case Category.UNEXPECTED_INPUT:
            return (
                meaning.WRONG_INPUTS,
                f"`{written}` has no input `{mismatch.input}`",
                None,
            )
        case Category.RANK:
            return (
                shapes.RANK_MISMATCH,
                f"`{written}` takes {mismatch.wanted}{which}, got {mismatch.given}",
                None,
            )
        case Category.ELEMENT:
            return (
                BAD_KIND,
                f"`{written}` takes {mismatch.wanted}{which}, got {mismatch.given}: "
                f"{mismatch.reason}",
                kind_hint(mismatch.wanted, mismatch.given),
            )
        case _:
            unknown = mismatch.verdict is Verdict.UNKNOWN
            message = (
                f"`{written}` needs {mismatch.wanted}{which}, and {mismatch.given} cannot be "
                "shown to be that"
                if unknown
                else f"`{written}` needs {mismatch.wanted}{which}, got {mismatch.given}"
            )
            if mismatch.axis is not None:
                message += f" on axis {mismatch.axis}"
            hint = settle(*mismatch.sizes, facts) if unknown and mismatch.sizes else None
            return (shapes.NOT_PROVEN if unknown else shapes.SIZE_MISMATCH, message, hint)


def refuse(
    frame: Frame,
    refusal: Refusal,
    recipe: Recipe,
    field_spans: Mapping[str, Span],
    tensor_spans: Mapping[str, Span],
    place: Span,
    types: Mapping[str, TensorType],
) -> None:
    """Turn a component's refusal into a diagnostic at the field or the application."""
    span = place
    labels: tuple[Label, ...] = ()
    if refusal.field is not None and refusal.field in field_spans:
        span = field_spans[refusal.field]
    if refusal.tensor is not None and refusal.tensor in tensor_spans:
        other = tensor_spans[refusal.tensor]
        if other not in (place, span):
            labels = (Label(other, f"this is {types[refusal.tensor]}"),)
    frame.error(
        refusal.code, refusal.message, span, refusal.label, help=refusal.help, labels=labels
    )
