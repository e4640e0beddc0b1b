"""One step of a train section: its gradients, its optimizer, and what follows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from specc.components import Refusal
from specc.training.averages import Averages
from specc.training.contract import StepPlan, TrainPlan
from specc.training.dotted import locate
from specc.training.errors import BAD_OPTIMIZER, NOTHING_LEARNS, RunFailed
from specc.training.execution import Execution, autocast
from specc.training.groups import grouped
from specc.training.rates import Rates
from specc.training.slices import Batch
from specc.training.spread import Spread
from specc.training.tally import Tally
from specc.training.weights import like


class Updates:
    """What moves the weights that one step updates.

    ``spread`` is what it computes, ``learning`` all parameters that some step updates, by their
    names, and ``names`` those of this one.
    """

    def __init__(
        self,
        plan: TrainPlan,
        step: StepPlan,
        spread: Spread,
        learning: Mapping[str, nn.Parameter],
        names: Sequence[str],
        execution: Execution,
    ) -> None:
        self.plan = plan
        self.step = step
        self.spread = spread
        self.moves = plan.moves(step)
        self.device = torch.device(execution.device)
        self.parameters = [*dict.fromkeys(learning[name] for name in names)]
        mine = {id(parameter) for parameter in self.parameters}
        self.constant = [p for p in dict.fromkeys(learning.values()) if id(p) not in mine]
        groups = grouped(step, learning, names)
        self.optimizer = _optimizer(step, groups, execution)
        self.rates = Rates(plan, step, self.optimizer)
        self.averages: Averages | None = None
        self.scaler = torch.GradScaler("cuda") if plan.settings.precision == "fp16" else None

    def update(self, batch: Batch, number: int, tally: Tally) -> None:
        """Move the weights by one batch; ``number`` is that of the batch in the run."""
        self.gradients(batch, number, tally)
        self.move()

    def gradients(self, batch: Batch, number: int, tally: Tally) -> None:
        """Forward and backward; the parts of a batch add up to the gradient of its mean."""
        for group in self.optimizer.param_groups:  # as `zero_grad`, which takes 3 % of a small step
            for parameter in group["params"]:
                parameter.grad = None
        *others, last = batch.parts(self.moves.accumulate)
        if others:
            with self.spread.apart():
                for part in others:
                    self._gradients(part, number, tally)
        self._gradients(last, number, tally)

    def _gradients(self, part: Batch, number: int, tally: Tally) -> None:
        loss, terms, outputs = self.forward(part)
        self._backward(loss if part.weight == 1 else loss * part.weight)
        if part.rows:
            tally.add(number, part.rows, loss, terms, outputs)

    def forward(self, batch: Batch) -> Any:
        """What the step computes from some rows; gradients reach what it updates alone."""
        if len(self.plan.steps) > 1:  # another step may have made them constant
            for parameter in self.constant:
                parameter.requires_grad_(False)
            for parameter in self.parameters:
                parameter.requires_grad_(True)
        with self.precision():
            return self.spread(**batch.fields)

    def move(self) -> None:
        """One step of the optimizer, and what follows it."""
        clip, scaler = self.moves.clip, self.scaler
        if scaler is not None and clip is not None:
            scaler.unscale_(self.optimizer)
        if clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, clip)
        if scaler is None:
            self.optimizer.step()
        else:
            scaler.step(self.optimizer)
            scaler.update()
        if self.averages is not None:
            self.averages.update()
        self.rates.after_step()

    def _backward(self, loss: Tensor) -> None:
        if not loss.requires_grad:
            raise RunFailed(
                NOTHING_LEARNS,
                f"`{self.step.named('loss')}` does not depend on what is updated",
                help=f"the update is of {', '.join(f'`{name}`' for name in self.step.update)}",
            )
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]

    def precision(self) -> AbstractContextManager[Any]:
        """What a step is computed under."""
        return autocast(self.plan, self.device)

    # --- judging -------------------------------------------------------------------------------

    def judged(self) -> AbstractContextManager[None]:
        """The weights that are judged and kept: the averages, where there are."""
        return nullcontext() if self.averages is None else self.averages.in_place()

    def measure(self, batch: Batch, number: int, tally: Tally) -> None:
        """Add what the step makes of a batch, without gradients.

        It is cut into the parts of training, as a loss may depend on what stands together.
        """
        for part in batch.parts(self.moves.accumulate):
            loss, terms, outputs = self.forward(part)
            if part.rows:
                tally.add(number, part.rows, loss, terms, outputs)

    # --- checkpoints ---------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything but the weights that the next update depends on."""
        return {
            "optimizer": self.optimizer.state_dict(),
            "rates": self.rates.state(),
            "averages": None if self.averages is None else self.averages.state(),
            "scaler": None if self.scaler is None else self.scaler.state_dict(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; the weights are put back apart."""
        self.optimizer.load_state_dict(state["optimizer"])
        for parameter, own in self.optimizer.state.items():
            for name, value in own.items():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    # A file keeps no strides, and kernels want those of the weight.
                    own[name] = torch.empty_like(parameter).copy_(like(value, parameter))
        self.rates.load(state["rates"])
        if self.averages is not None:
            self.averages.load(state["averages"])
        if self.scaler is not None:
            self.scaler.load_state_dict(state["scaler"])


def averaged(all_updates: Sequence[Updates], learning: Mapping[str, nn.Parameter]) -> None:
    """Give every step its averages; of what several update, the last one keeps them."""
    owners: dict[int, Updates] = {}
    for updates in all_updates:
        if updates.moves.ema is not None:
            owners |= {id(parameter): updates for parameter in updates.parameters}
    for updates in all_updates:
        if updates.moves.ema is not None:
            own = {n: p for n, p in learning.items() if owners.get(id(p)) is updates}
            updates.averages = Averages(own, updates.moves.ema)


def _optimizer(
    step: StepPlan, groups: list[dict[str, Any]], execution: Execution
) -> torch.optim.Optimizer:
    chosen = step.optimizer
    fused = execution.fused and torch.device(execution.device).type in chosen.fused_on
    arguments = chosen.arguments() | ({"fused": True} if fused else {})
    try:
        optimizer: torch.optim.Optimizer = locate(chosen.target)(groups, **arguments)
    except (ValueError, RuntimeError) as error:
        raise Refusal(BAD_OPTIMIZER, str(error), field=step.named("optimizer")) from error
    return optimizer
