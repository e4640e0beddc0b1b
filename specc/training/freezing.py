"""What does not learn."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from torch import nn

from specc.components import Refusal
from specc.diagnostics import did_you_mean
from specc.training.errors import NOTHING_FROZEN


def freeze(model: nn.Module, patterns: Sequence[str]) -> list[nn.Module]:
    """Keep the named parameters from learning; gives the modules that are frozen as a whole.

    A pattern is the name of a submodule or a parameter, or has wildcards (``*.bias``).

    Raises:
        Refusal: if a pattern means nothing.
    """
    named = dict(model.named_parameters(remove_duplicate=False))
    for pattern in patterns:
        found = [
            name
            for name in named
            if fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")
        ]
        if not found:
            known = [name for name, _ in model.named_modules() if name] + list(named)
            raise Refusal(
                NOTHING_FROZEN,
                f"`{pattern}` names no parameter of the model",
                help=did_you_mean(pattern, known) or f"there is `{known[0]}`",
                field="freeze",
            )
        for name in found:
            named[name].requires_grad_(False)
    if not patterns:
        return []
    return [
        module
        for module in model.modules()
        if (own := list(module.parameters())) and not any(p.requires_grad for p in own)
    ]
