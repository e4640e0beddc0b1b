"""What an update takes, in arithmetic and in memory, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from specc.training.contract import StepPlan, TrainPlan
from specc.training.dotted import locate
from specc.training.feed import first_rows
from specc.training.names import learning, named_parameters


def forward_flops(plan: TrainPlan, model: nn.Module) -> int:
    """The arithmetic of a forward pass of all steps over one batch, by its matrix products.

    Recurrent layers are not seen by torch's counter: every parameter counts once a row at least.
    """
    from torch.utils.flop_counter import FlopCounterMode

    size = min(plan.settings.batch, plan.rows["train"])
    rows = first_rows(plan.splits["train"], size)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    counter = FlopCounterMode(display=False)
    with _undisturbed(model), torch.no_grad(), counter:
        for step in plan.steps:
            step.run(*plan.modules(model), **rows)
    counted: int = counter.get_total_flops()
    return max(counted, 2 * parameters * size)


def memory(plan: TrainPlan, model: nn.Module) -> dict[str, int]:
    """Bytes by what they are for, in the widest of the steps.

    ``weights`` with their running averages, ``gradients``, what the ``optimizer`` keeps, and the
    ``activations`` that are kept for the backward pass of one part of a batch. A few buffers of
    torch's own come on top. ``optimizer`` is left out where torch cannot tell without real numbers.
    """
    named = named_parameters(plan, model)
    sets = [[*dict.fromkeys(named[n] for n in names)] for names in learning(plan, named)]
    found = {"weights": _bytes(model.parameters()) + _bytes(model.buffers()), "gradients": 0}
    kept: list[int | None] = []
    for step, parameters in zip(plan.steps, sets, strict=True):
        found["gradients"] += _bytes(parameters)
        if plan.moves(step).ema is not None:
            found["weights"] += _bytes(parameters)
        kept.append(_optimizer_bytes(step, parameters))
    if None not in kept:
        found["optimizer"] = sum(size for size in kept if size is not None)
    found["activations"] = max(_activation_bytes(plan, step, model) for step in plan.steps)
    return found


def _activation_bytes(plan: TrainPlan, step: StepPlan, model: nn.Module) -> int:
    """What a forward pass over one part of a batch keeps, each storage once."""
    size = -(-min(plan.settings.batch, plan.rows["train"]) // plan.moves(step).accumulate)
    rows = first_rows(plan.splits["train"], size)
    weights = (*model.parameters(), *model.buffers())
    own = {tensor.untyped_storage().data_ptr() for tensor in weights}
    seen: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with _undisturbed(model), saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = step.run(*plan.modules(model), **rows)  # alive until all is counted
    del kept
    return sum(seen.values())


def _optimizer_bytes(step: StepPlan, parameters: Sequence[nn.Parameter]) -> int | None:
    """What the optimizer keeps after a step, by making one over tensors without values."""
    shadows = [nn.Parameter(torch.empty_like(each, device="meta")) for each in parameters]
    for shadow in shadows:
        shadow.grad = torch.empty_like(shadow)
    optimizer = locate(step.optimizer.target)(shadows, **step.optimizer.arguments())
    try:
        optimizer.step()
    except (RuntimeError, NotImplementedError):  # it wants to look at a number
        if not optimizer.state:
            return None
    return sum(
        _bytes(value for value in own.values() if isinstance(value, Tensor))
        for own in optimizer.state.values()
    )


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@contextmanager
def _undisturbed(model: nn.Module) -> Iterator[None]:
    """Evaluation, and the random state afterwards as it was."""
    was_training = model.training
    model.eval()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        model.train(was_training)
