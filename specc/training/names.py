"""Parameters by the names that a spec has for them.

A parameter is called by its instance and its path: ``model.head.weight``, ``critic.head.weight``.
``model.head`` means all parameters of the submodule, ``*.bias`` all whose name fits the pattern.
What means nothing so is looked for in ``model``: ``head`` is ``model.head``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from torch import nn

from specc.components import Refusal
from specc.diagnostics import did_you_mean
from specc.training.contract import TrainPlan
from specc.training.errors import NO_PARAMETER


def named_parameters(plan: TrainPlan, built: nn.Module) -> dict[str, nn.Parameter]:
    """All parameters by their names in the spec; a tied one has several."""
    return {
        f"{instance}.{name}": parameter
        for instance, module in zip(plan.instances, plan.modules(built), strict=True)
        for name, parameter in module.named_parameters(remove_duplicate=False)
    }


def chosen(names: Iterable[str], patterns: Sequence[str], setting: str) -> list[str]:
    """Those of the names that any of the patterns means; ``setting`` is what says the patterns.

    Raises:
        Refusal: if a pattern means nothing.
    """
    known = list(names)
    found: dict[str, None] = {}
    for pattern in patterns:
        meant = meaning(known, pattern)
        if not meant:
            near = dict.fromkeys(path for name in known for path in _paths(name))
            raise Refusal(
                NO_PARAMETER,
                f"`{pattern}` names no parameter",
                help=did_you_mean(pattern, near) or (f"there is `{known[0]}`" if known else None),
                field=setting,
            )
        found |= dict.fromkeys(meant)
    return list(found)


def meaning(names: Sequence[str], pattern: str) -> list[str]:
    """The names that one pattern means."""
    for whole in (pattern, f"model.{pattern}"):
        found = [n for n in names if fnmatchcase(n, whole) or fnmatchcase(n, f"{whole}.*")]
        if found:
            return found
    return []


def _paths(name: str) -> list[str]:
    """A parameter and the submodules around it, with and without the instance in front."""
    words = name.split(".")
    whole = [".".join(words[:end]) for end in range(1, len(words) + 1)]
    return whole + [path.partition(".")[2] for path in whole[1:] if words[0] == "model"]
