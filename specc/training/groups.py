"""Groups of parameters, as torch's optimizers take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from specc.components import Refusal
from specc.training.contract import StepPlan
from specc.training.errors import IN_TWO_GROUPS
from specc.training.names import chosen


def grouped(
    step: StepPlan, learning: Mapping[str, nn.Parameter], names: Sequence[str]
) -> list[dict[str, Any]]:
    """The parameters of a step, first those in no group; ``learning`` are all that some step
    updates, ``names`` those of this one.

    Raises:
        Refusal: if a group names nothing, or two groups name the same.
    """
    usual = step.optimizer.arguments()
    members: dict[int, str] = {}
    found: list[dict[str, Any]] = []
    for group in step.groups:
        among = learning if group.inherited else names
        meant = frozenset(chosen(among, group.names, step.named(group.name)))
        own = {n: learning[n] for n in names if n in meant}
        for name, parameter in own.items():
            other = members.setdefault(id(parameter), group.name)
            if other != group.name:
                raise Refusal(
                    IN_TWO_GROUPS,
                    f"`{name}` is in the groups `{other}` and `{group.name}`",
                    help="a parameter is in one group: narrow one of the patterns",
                    field=step.named(group.name),
                )
        arguments = group.optimizer.arguments()
        others = {key: value for key, value in arguments.items() if usual.get(key) != value}
        if own:
            found.append({"params": [*dict.fromkeys(own.values())], **others})
    rest = [p for p in dict.fromkeys(learning[n] for n in names) if id(p) not in members]
    return [{"params": rest}, *found] if rest else found
