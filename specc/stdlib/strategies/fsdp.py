"""A share of a model on every rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from specc.components import Strategy

if TYPE_CHECKING:
    import torch
    from torch import nn


class Fsdp(Strategy):
    """Every rank holds a share of each tensor: ``strategy = fsdp``, for what no device can hold.

    `torch.distributed.fsdp.fully_shard` (FSDP2) puts a tensor together where it is used and lets it
    go again. What a loop of the spec repeats (the elements of a ModuleList) is gathered block by
    block, everything else at once.
    """

    shares = True
    about = "each rank holds a share of weights, gradients and the optimizer's values"

    def wrap(self, steps: Sequence[nn.Module], device: torch.device) -> list[nn.Module]:
        import torch.distributed as dist
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        mesh = init_device_mesh(device.type, (dist.get_world_size(),))
        instances = list(dict.fromkeys(child for step in steps for child in step.children()))
        # One step is gathered as a whole, so that it may use parts of the model by their names.
        roots = list(steps) if len(steps) == 1 else instances
        for module in [*(block for each in instances for block in _blocks(each)), *roots]:
            # Said for the outermost too, which torch would leave gathered after an evaluation:
            # it would not see that weights were exchanged for their averages, and back.
            fully_shard(module, mesh=mesh, reshard_after_forward=True)
        return list(steps)

    @contextmanager
    def apart(self, step: nn.Module) -> Iterator[None]:
        modules = _sharded(step)
        for module in modules:
            module.set_requires_gradient_sync(False, recurse=False)
        try:
            yield
        finally:
            for module in modules:
                module.set_requires_gradient_sync(True, recurse=False)


def _blocks(module: nn.Module) -> Iterator[nn.Module]:
    """The outermost elements of ModuleLists, as far as they have parameters."""
    from torch import nn

    for child in module.children():
        if not isinstance(child, nn.ModuleList):
            yield from _blocks(child)
            continue
        for element in child:
            if element is not None and next(element.parameters(), None) is not None:
                yield element


def _sharded(step: nn.Module) -> list[torch.distributed.fsdp.FSDPModule]:
    from torch.distributed.fsdp import FSDPModule

    return [module for module in step.modules() if isinstance(module, FSDPModule)]
