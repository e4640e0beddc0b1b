"""The plain settings of a train section."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from specc.components import Keep, Stop

LARGEST_SEED = 2**63 - 1


class Settings(BaseModel):
    """How long, how much at once, and what is kept.

    ``epochs``: passes over the training rows. ``batch``: rows of one update; the last batch of an
    epoch has what is left. ``seed``: of the weights, the order and all randomness. ``keep``: whose
    weights are the result (default: the best ``val.loss``, or the last where nothing is
    validated). ``stop``: when to end early. ``precision``: ``"bf16"`` computes matrix products and
    convolutions in 16 bits. ``clip``: the greatest norm of all gradients together. ``limit``: at
    most so many rows of each split, for a quick look.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
    )

    epochs: int = Field(ge=1, le=10**9)
    batch: int = Field(default=32, ge=1, le=2**31 - 1)
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED)
    keep: Keep | None = None
    stop: Stop | None = None
    precision: Literal["fp32", "bf16"] = "fp32"
    clip: float | None = Field(default=None, gt=0)
    limit: int | None = Field(default=None, ge=1)
