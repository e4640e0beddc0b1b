"""The plain settings of a train section."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from specc.components import Keep, Logger, Stop, Strategy
from specc.components.fields import Texts

LARGEST_SEED = 2**63 - 1


class Moves(BaseModel):
    """How one update is made; a `step` may say it for itself.

    ``accumulate``: the parts that a batch is computed in, one after another; the update is that of
    the whole batch, the memory that of a part. ``clip``: the greatest norm of all gradients of the
    update together. ``ema``: judge and keep running averages of the weights, of which each update
    leaves this share (0.999).
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        defer_build=True,
    )

    accumulate: int = Field(default=1, ge=1, le=2**31 - 1)
    clip: float | None = Field(default=None, gt=0)
    ema: float | None = Field(default=None, gt=0, lt=1)


class StepSettings(Moves):
    """The plain settings of a `step`. ``every``: it runs with every so many batches, counted from
    the beginning of the run; its first update is with the batch of that number."""

    every: int = Field(default=1, ge=1, le=2**31 - 1)


class Settings(Moves):
    """How long, how much at once, and what is kept.

    ``epochs``: passes over the training rows. ``batch``: rows of one update; the last batch of an
    epoch has what is left. ``seed``: of the weights, the order and all randomness. ``limit``: at
    most so many rows of each split, for a quick look. ``bucket``: rows of about one length stand
    together in a batch, for less padding: so many batches at a time are sorted by length, and then
    put into a random order.

    ``keep``: whose weights are the result (default: the best ``val.loss``; the last where nothing
    is validated, or where several steps have a loss each). ``stop``: when to end early.
    ``freeze``: names or patterns of parameters that do not learn; a submodule that is frozen whole
    runs as in evaluation.

    ``precision``: ``"bf16"`` computes matrix products and convolutions in 16 bits; so does
    ``"fp16"``, with a scaler and on CUDA alone. ``compile``: compile the steps with torch.compile.
    ``threads`` and ``memory_format`` are chosen by rules that `specc plan` prints, where they are
    not said; with ``calibrate`` they are measured when the run begins.

    ``resident``: whether the prepared rows are held in memory, or read and transformed when a batch
    has them; by default they are held where they take up to a quarter of the memory. The result is
    the same.

    ``strategy``: how several ranks train one model: ``ddp`` (the default) or ``fsdp``; ``specc
    train --nproc`` and torchrun say how many there are.

    ``log``: somebody else who is told the scores (``tensorboard``). ``save_seconds`` and
    ``save_steps``: a checkpoint is written when one of them has passed since the last.
    ``keep_last``: how many of them stay.
    """

    epochs: int = Field(ge=1, le=10**9)
    batch: int = Field(default=32, ge=1, le=2**31 - 1)
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED)
    limit: int | None = Field(default=None, ge=1)
    bucket: int | None = Field(default=None, ge=1, le=2**31 - 1)
    keep: Keep | None = None
    stop: Stop | None = None
    log: Logger | None = None
    freeze: Texts = ()
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    compile: bool = False
    threads: int | None = Field(default=None, ge=1, le=4096)
    memory_format: Literal["contiguous", "channels_last"] | None = None
    calibrate: bool = False
    resident: bool | None = None
    strategy: Strategy | None = None
    save_seconds: float = Field(default=30.0, gt=0)
    save_steps: int | None = Field(default=None, ge=1)
    keep_last: int = Field(default=2, ge=1)
