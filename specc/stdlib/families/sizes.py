"""Demands on sizes that several components make, each with an answer for "not known"."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import TensorType

MOST_LISTED = 64
"""The largest size whose divisors a hint lists."""


def must_equal(
    site: Site, given: Dim, wanted: Dim, given_word: str, wanted_word: str, *, field: str | None
) -> None:
    """Refuse sizes that are not proven equal: ``64 channels, but 32 slopes``."""
    verdict = site.facts.compare(given.poly, wanted.poly)
    if verdict is Verdict.EQUAL:
        return
    message = f"{given} {given_word}, but {wanted} {wanted_word}"
    if verdict is Verdict.DIFFERENT:
        raise Refusal(BAD_SHAPE, message, field=field)
    raise Refusal(
        BAD_SHAPE,
        f"{message}: it is not known that these are equal",
        help=f'say so with assert {given} == {wanted}, "..."',
        field=field,
    )


def must_divide(
    site: Site, parts: Dim, whole: Dim, parts_word: str, whole_word: str, *, field: str | None
) -> None:
    """Refuse a size that is not proven to be a multiple: ``64 channels ... into 3 groups``."""
    rest = Dim.of(0) if parts.known == 1 else whole % parts
    verdict = site.facts.compare(rest.poly, Dim.of(0).poly)
    if verdict is Verdict.EQUAL:
        return
    split = f"{whole} {whole_word} cannot be split into {parts} {parts_word}"
    if verdict is Verdict.DIFFERENT:
        raise Refusal(
            BAD_SHAPE, f"{split} of equal size", help=_divisors(whole, parts_word), field=field
        )
    raise Refusal(
        BAD_SHAPE,
        f"it is not known that {whole} {whole_word} can be split into {parts} {parts_word}",
        help=f'say so with assert {whole} % {parts} == 0, "..."',
        field=field,
    )


def axis_of(type: TensorType, axis: int, *, field: str) -> int:
    """``axis`` counted from 0; refused where the tensor has no such axis."""
    if -type.rank <= axis < type.rank:
        return axis % type.rank
    raise Refusal(
        BAD_SHAPE,
        f"{type} has no axis {axis}",
        help=f"its axes are 0 to {type.rank - 1}, or -{type.rank} to -1" if type.rank else None,
        field=field,
    )


def _divisors(whole: Dim, parts_word: str) -> str | None:
    """The numbers of parts that go, where they can be listed."""
    if whole.known is None or not 1 < whole.known <= MOST_LISTED:
        return None
    fitting = [str(n) for n in range(1, whole.known + 1) if whole.known % n == 0]
    return f"{whole} divides into {', '.join(fitting[:-1])} or {fitting[-1]} {parts_word}"
