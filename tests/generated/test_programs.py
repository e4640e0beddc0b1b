"""Random valid models: checked, typed, emitted and run as the reference says.

A program is known by its seed. The normal run draws the first 1,200, the slow one those up to
22,000; as many as are wanted, from where they are wanted:

    python -m pytest tests/generated/test_programs.py -m slow
    python -m tests.generated.more programs 22000 32000

One that disagrees is shown as small as it gets by

    python -m tests.generated.shrink SEED
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.generated.harness import Discrepancy, run
from tests.generated.programs import draw

BATCH = 50
NORMAL = 24
ALL = 440

LOOPS_TOO_IRREGULAR = "rejected E0316"
"""Loops inside each other whose iterations build different things are refused with a hint: a limit
of the compiler, which few drawn programs reach."""


@pytest.fixture(autouse=True)
def _one_thread(rarely_collected: None) -> object:
    """Small tensors are faster on one, and the other core has work of its own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("batch", range(NORMAL))
def test_programs_agree_with_the_reference(batch: int, tmp_path: Path) -> None:
    _run_batch(batch, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(NORMAL, ALL))
def test_many_more_programs(batch: int, tmp_path: Path) -> None:
    _run_batch(batch, tmp_path)


def _run_batch(batch: int, folder: Path) -> None:
    failures: list[str] = []
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        program = draw(seed)
        try:
            run(program, folder)
        except Discrepancy as found:
            if found.kind != LOOPS_TOO_IRREGULAR:
                failures.append(f"--- seed {seed}: {found}\n{program.text}")
    assert not failures, f"{len(failures)} of {BATCH} disagree\n" + "\n".join(failures[:3])
