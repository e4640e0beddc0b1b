"""The steps of a section as they are called: by one process, or under a strategy by several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from specc.components import Strategy
from specc.training.contract import TrainPlan
from specc.training.ranks import Ranks

Compute = Callable[..., Any]


class Spread:
    """A step that is called with the fields of a batch."""

    def __init__(self, compute: Compute, modules: Sequence[nn.Module]) -> None:
        self.compute = compute
        self.modules = tuple(modules)

    def __call__(self, **fields: Tensor) -> Any:
        return self.compute(*self.modules, **fields)

    def apart(self) -> AbstractContextManager[None]:
        """Gradients that are computed inside are not the whole yet."""
        return nullcontext()


class Wrapped(Spread):
    """A step that a strategy has put its own module around."""

    def __init__(self, strategy: Strategy, module: nn.Module) -> None:
        self.strategy = strategy
        self.module = module

    def __call__(self, **fields: Tensor) -> Any:
        return self.module(**fields)

    def apart(self) -> AbstractContextManager[None]:
        return self.strategy.apart(self.module)


class Step(nn.Module):
    """A step as a module, its instances as children."""

    def __init__(self, compute: Compute, modules: Sequence[nn.Module]) -> None:
        super().__init__()
        self.compute = compute
        self.instances = list(enumerate(modules))
        for number, module in self.instances:
            self.add_module(f"instance{number}", module)

    def forward(self, **fields: Tensor) -> Any:
        modules = [getattr(self, f"instance{number}") for number, _ in self.instances]
        loss, terms, outputs = self.compute(*modules, **fields)
        # Strategies wait for the gradients of all that is reached from what a step gives.
        return (
            loss,
            {name: term.detach() for name, term in terms.items()},
            {name: tuple(t.detach() for t in tensors) for name, tensors in outputs.items()},
        )


def spread(plan: TrainPlan, model: nn.Module, ranks: Ranks, device: torch.device) -> list[Spread]:
    """The steps of a plan. A strategy may exchange the parameters of the model."""
    modules = plan.modules(model)
    computes: list[Compute] = [step.run for step in plan.steps]
    if plan.settings.compile:
        computes = [torch.compile(compute, dynamic=False) for compute in computes]
    if not ranks.several:
        return [Spread(compute, modules) for compute in computes]
    assert plan.strategy is not None
    steps = [Step(compute, modules) for compute in computes]
    return [Wrapped(plan.strategy, each) for each in plan.strategy.wrap(steps, device)]
