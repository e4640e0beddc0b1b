"""Tensors that are combined value by value."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.types.poly import Verdict
from specc.types.tensor import BroadcastFailure, Dims, broadcast


def common(site: Site, *names: str) -> Dims:
    """The shape that the inputs have together; sizes go together where equal, or a literal 1."""
    first, *others = names
    dims = site.inputs[first].dims
    for name in others:
        together = broadcast(dims, site.inputs[name].dims, site.facts)
        if isinstance(together, BroadcastFailure):
            known = "differ" if together.verdict is Verdict.DIFFERENT else "are not known to agree"
            given = " and ".join(str(site.inputs[each]) for each in names)
            raise Refusal(
                BAD_SHAPE,
                f"{given} {known} on axis {together.axis}: "
                f"{together.left} against {together.right}",
                tensor=name,
            )
        dims = together
    return dims
