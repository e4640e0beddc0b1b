"""Sizes that a spec writes out: ``reshape(B, C, 1, 1)``, ``randn(B, 64)``."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_SETTING, CHANGES_COUNT
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import Dims
from specc.types.terms import Const, Item, ListTerm, Term


def terms_of(site: Site, field: str) -> tuple[Term, ...]:
    """The sizes of a list field as the spec wrote them, one by one."""
    written = site.value(field)
    if isinstance(written, ListTerm):
        return written.items
    return tuple(Item(written, Const(i)) for i in range(len(getattr(site.component, field))))


def sizes_of(site: Site, field: str, *, free: bool = False) -> Dims:
    """The sizes of a list field; with ``free``, -1 may stand for one that is left open."""
    sizes: list[Dim] = []
    for value, term in zip(getattr(site.component, field), terms_of(site, field), strict=True):
        size = value if isinstance(value, Dim) else Dim(Dim.of(value).poly, term)
        if size.known is not None and size.known < 1 and not (free and size.known == -1):
            least = "at least 1, or -1 where it follows" if free else "at least 1"
            raise Refusal(BAD_SETTING, f"a size must be {least}, got {size}", field=field)
        sizes.append(size)
    return tuple(sizes)


def reshaped(site: Site, given: Dims, wanted: Dims, field: str, help: str) -> Dims:
    """``wanted`` with its -1 filled in; refused where it does not hold the values of ``given``."""
    free = [i for i, size in enumerate(wanted) if size.known == -1]
    if len(free) > 1:
        raise Refusal(BAD_SETTING, "only one size can be -1", field=field)
    if not free:
        must_hold(site, given, wanted, field, help)
        return wanted
    fixed = tuple(size for i, size in enumerate(wanted) if i != free[0])
    return tuple(
        _quotient(site, given, fixed, field, help) if i == free[0] else size
        for i, size in enumerate(wanted)
    )


def following(given: Dims, wanted: Dims) -> str:
    """The hint for a shape that holds too many values or too few: which size can follow."""
    values = Dim.product(given).poly
    for axis in reversed(range(len(wanted))):
        others = Dim.product(tuple(size for i, size in enumerate(wanted) if i != axis)).poly
        if values.exact_div(others) is not None:
            shape = ", ".join("-1" if i == axis else str(size) for i, size in enumerate(wanted))
            return f"a size that follows is written -1: `reshape({shape})`"
    return "bring it to as many values first, with `linear`, say"


def must_hold(site: Site, given: Dims, wanted: Dims, field: str, help: str) -> None:
    """Refuse a shape that is not proven to hold as many values."""
    values, places = Dim.product(given), Dim.product(wanted)
    verdict = site.facts.compare(values.poly, places.poly)
    if verdict is Verdict.EQUAL:
        return
    fit = f"{values.show(factors=True)} values {{}} fit in {_tidy(wanted)}"
    if verdict is Verdict.DIFFERENT:
        label = fit.format("do not") + _a_sample(site, given, wanted)
    else:
        label = f"it is not known that {fit.format('')}".replace("  ", " ")
    raise Refusal(
        CHANGES_COUNT, "reshape changes the number of values", label=label, help=help, field=field
    )


def _quotient(site: Site, given: Dims, fixed: Dims, field: str, help: str) -> Dim:
    """The size that fills ``fixed`` up to ``given``; its factors are kept where they are known."""
    left = list(given)
    for size in fixed:
        match = next((i for i, dim in enumerate(left) if dim.poly == size.poly), None)
        if match is None:
            break
        del left[match]
    else:
        return Dim.product(left)
    values, places = Dim.product(given), Dim.product(fixed)
    rest = site.facts.normal(values.poly).mod(site.facts.normal(places.poly))
    if site.facts.compare(rest, Dim.of(0).poly) is Verdict.EQUAL:
        return values // places
    raise Refusal(
        CHANGES_COUNT,
        "reshape changes the number of values",
        label=f"{values.show(factors=True)} values are not known to divide into {_tidy(fixed)}"
        + _a_sample(site, given, fixed if given[0] in fixed else (given[0], *fixed)),
        help=help,
        field=field,
    )


def _tidy(dims: Dims) -> str:
    """A product with its numbers multiplied: ``B*2304``."""
    known = 1
    names: list[Dim] = []
    for dim in dims:
        if dim.known is None:
            names.append(dim)
        else:
            known *= dim.known
    if known != 1 or not names:
        names.append(Dim.of(known))
    return Dim.product(names).show(factors=True)


def _a_sample(site: Site, given: Dims, wanted: Dims) -> str:
    """``(4096 a sample against 2304)`` where both begin with one batch."""
    if not given or not wanted or given[0].known is not None:
        return ""
    if site.facts.compare(given[0].poly, wanted[0].poly) is not Verdict.EQUAL:
        return ""
    one, other = Dim.product(given[1:]), Dim.product(wanted[1:])
    if one.known is None or other.known is None:
        return ""
    return f" ({one.known} a sample against {other.known})"
