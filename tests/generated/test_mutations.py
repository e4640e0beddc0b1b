"""`check` of texts that are nearly programs gives diagnostics, soon, and never anything else.

The normal run checks 6,000 texts, which keeps it short on two cores. For 220,000:

    python -m pytest tests/generated/test_mutations.py -m slow
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from specc.compiler import Request, check
from specc.diagnostics import Collector, SpecError, render_text
from tests.generated.mutating import mutated, texts

BATCH = 1000
LIMIT = 2.0
"""Seconds of the processor that one text may take; a second is promised on a quiet machine."""


@pytest.fixture(scope="module")
def bases() -> list[str]:
    return texts()


@pytest.mark.parametrize("batch", range(6))
def test_mutated_texts_get_diagnostics_and_nothing_else(
    batch: int, bases: list[str], tmp_path: Path
) -> None:
    _check_batch(batch, bases, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(6, 220))
def test_many_more_mutated_texts(batch: int, bases: list[str], tmp_path: Path) -> None:
    _check_batch(batch, bases, tmp_path)


def _check_batch(batch: int, bases: list[str], folder: Path) -> None:
    failures: list[str] = []
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        text = mutated(random.Random(seed), bases)
        failure = _failure(text, folder)
        if failure is not None:
            failures.append(f"--- seed {seed}: {failure}\n{text}")
    assert not failures, f"{len(failures)} texts\n" + "\n".join(failures[:5])


def _failure(text: str, folder: Path) -> str | None:
    """What is wrong with how a text was checked."""
    path = folder / "mutated.nnspec"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    found = Collector()
    start = time.process_time()
    try:
        check(Request(str(path)), found)
    except SpecError as error:
        found.extend(error.diagnostics)
    except Exception as error:  # noqa: BLE001  (anything else is what is looked for)
        return f"{type(error).__name__}: {error}"
    try:
        render_text(found.diagnostics)
    except Exception as error:  # noqa: BLE001
        return f"rendering: {type(error).__name__}: {error}"
    seconds = time.process_time() - start
    return f"took {seconds:.1f} s" if seconds > LIMIT else None
