"""What tables of ids share: their ids must be in the table."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_SETTING, TOO_FEW_ROWS


def must_hold_ids(site: Site, tensor: str) -> None:
    """Refuse a table with fewer rows than there are ids; a precondition where that is not known."""
    rows = site.size("num_embeddings")
    bound = site.inputs[tensor].element.bound
    for count in bound if isinstance(bound, tuple) else (bound,):
        if count is None:
            continue
        message = f"{count} different ids do not fit in a table of {rows}"
        if site.facts.at_least((count - rows).poly, 1):
            raise Refusal(
                TOO_FEW_ROWS,
                message,
                help=f"num_embeddings must be at least {count}",
                field="num_embeddings",
                tensor=tensor,
            )
        site.require(rows - count, 0, message)


def must_hold_padding(site: Site, padding_idx: int | None) -> None:
    """Refuse a ``padding_idx`` outside of the table; a negative one counts from its end."""
    rows = site.size("num_embeddings")
    if padding_idx is None:
        return
    least = padding_idx + 1 if padding_idx >= 0 else -padding_idx
    if site.facts.at_least((least - rows).poly, 1):
        raise Refusal(
            BAD_SETTING,
            f"padding_idx is {padding_idx}, but the table has {rows} rows",
            field="padding_idx",
        )
    site.require(rows, least, f"padding_idx is {padding_idx}, but the table has {rows} rows")
