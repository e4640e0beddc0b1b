"""Tells a lack of memory from other errors, and says what to change."""

from __future__ import annotations

import torch

from specc.training.contract import TrainPlan
from specc.training.errors import OUT_OF_MEMORY, RunFailed

SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "Cannot allocate memory")


def lacks_memory(error: BaseException) -> bool:
    """Whether an error says that memory was not enough; torch's CPU allocator has no class."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)


def out_of_memory(plan: TrainPlan, device: str, step: int) -> RunFailed:
    """The failure, with the setting that mends it."""
    settings = plan.settings
    parts = min(plan.moves(step).accumulate for step in plan.steps)
    rows = -(-settings.batch // parts)
    if rows > 1:
        parts *= 2
        hint = f"accumulate = {parts}: the same updates, computed from {-(-rows // 2)} rows at once"
    else:
        hint = "the rows are computed one by one already: a smaller model, or a larger device"
    if settings.precision == "fp32":
        hint += '; precision = "bf16" halves what the layers keep'
    return RunFailed(
        OUT_OF_MEMORY,
        f"the memory of {device} is not enough for step {step:,}, {rows:,} rows at once",
        help=hint,
    )
