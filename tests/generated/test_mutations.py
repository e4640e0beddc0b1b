"""`check` of texts that are nearly programs gives diagnostics, soon, and never anything else.

A text is known by its seed. The normal run checks the first 12,000, the slow one those up to
220,000; as many as are wanted, from where they are wanted:

    python -m pytest tests/generated/test_mutations.py -m slow
    python -m tests.generated.more texts 220000 300000
"""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import pytest

from specc.compiler import Request, check
from specc.diagnostics import Collector, SpecError, render_text
from specc.syntax.source import read_stream
from tests.generated.mutating import mutated, texts

BATCH = 1000
NORMAL = 12
ALL = 220
LIMIT = 2.0
"""Seconds of the processor that one text may take; a second is promised on a quiet machine."""


@pytest.fixture(scope="module")
def bases() -> list[str]:
    return texts()


@pytest.fixture(autouse=True)
def _rarely_collected(rarely_collected: None) -> None:
    """Texts leave little behind."""


@pytest.mark.parametrize("batch", range(NORMAL))
def test_mutated_texts_get_diagnostics_and_nothing_else(
    batch: int, bases: list[str], tmp_path: Path
) -> None:
    _check_batch(batch, bases, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(NORMAL, ALL))
def test_many_more_mutated_texts(batch: int, bases: list[str], tmp_path: Path) -> None:
    _check_batch(batch, bases, tmp_path)


def _check_batch(batch: int, bases: list[str], folder: Path) -> None:
    failures: list[str] = []
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        text = mutated(random.Random(seed), bases)
        failure = failure_of(text, folder)
        if failure is not None:
            failures.append(f"--- seed {seed}: {failure}\n{text}")
    assert not failures, f"{len(failures)} texts\n" + "\n".join(failures[:5])


def failure_of(text: str, folder: Path) -> str | None:
    """What is wrong with how a text is checked that would lie in a folder."""
    found = Collector()
    name = str(folder / "mutated.nnspec")
    start = time.process_time()
    try:
        read = read_stream(io.BytesIO(text.encode("utf-8", errors="surrogatepass")), name)
        check(Request(name, source=read), found)
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
