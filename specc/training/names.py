"""Parameters by the names that a spec has for them.

A parameter is called by its instance and its path: ``model.head.weight``, ``critic.head.weight``.
``model.head`` means all parameters of the submodule, ``*.bias`` all whose name fits the pattern.
What means nothing so is looked for in ``model``: ``head`` is ``model.head``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from torch import nn

from specc.components import Refusal
from specc.diagnostics import did_you_mean
from specc.training.contract import StepPlan, TrainPlan
from specc.training.errors import NO_PARAMETER, NOTHING_LEARNS


def named_parameters(plan: TrainPlan, built: nn.Module) -> dict[str, nn.Parameter]:
    """All parameters by their names in the spec; a tied one has several."""
    return {
        f"{instance}.{name}": parameter
        for instance, module in zip(plan.instances, plan.modules(built), strict=True)
        for name, parameter in module.named_parameters(remove_duplicate=False)
    }


def learning(plan: TrainPlan, named: Mapping[str, nn.Parameter]) -> list[list[str]]:
    """The names of what each step updates; everything else is kept from learning.

    Raises:
        Refusal: if a step updates nothing, or a name means nothing.
    """
    for name in chosen(named, plan.settings.freeze, "freeze"):
        named[name].requires_grad_(False)
    found = [updated(step, named) for step in plan.steps]
    ids = {id(named[name]) for names in found for name in names}
    for parameter in named.values():
        if id(parameter) not in ids:
            parameter.requires_grad_(False)
    return found


def updated(step: StepPlan, named: Mapping[str, nn.Parameter]) -> list[str]:
    """The names of the parameters that a step updates, those that are frozen left out.

    Raises:
        Refusal: if there is none, or a name means nothing.
    """
    meant = frozenset(chosen(named, step.update, step.named("update")))
    names = [n for n, parameter in named.items() if n in meant and parameter.requires_grad]
    if not names:
        said = " or ".join(f"`{each}`" for each in step.update)
        raise Refusal(
            NOTHING_LEARNS,
            "the model has no parameter to learn"
            if step.update == ("model",)
            else f"nothing of {said} learns",
            field="model" if step.update == ("model",) else step.named("update"),
        )
    return names


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
