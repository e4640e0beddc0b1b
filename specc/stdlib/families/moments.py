"""What Adam and its kin have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from specc.components.fields import as_tuple

Beta = Annotated[float, Field(ge=0, lt=1)]
Betas = Annotated[tuple[Beta, Beta], BeforeValidator(as_tuple)]
"""How much of the running mean of gradients, and of their squares, each step keeps."""
