"""What the drawn programs and the mutated texts share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def rarely_collected() -> Iterator[None]:
    """The libraries that are loaded are not searched for garbage again and again."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
