"""``python -m tests.generated.more programs|texts FIRST LAST``: as many seeds as are wanted.

Prints the seeds of programs that disagree with the reference, or of texts whose check gives more
than diagnostics, each with the reason, and then how many were looked at.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import torch

from tests.generated.harness import Discrepancy, run
from tests.generated.mutating import mutated, texts
from tests.generated.programs import draw
from tests.generated.test_mutations import failure_of
from tests.generated.test_programs import LOOPS_TOO_IRREGULAR


def main() -> None:
    what, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    bases = texts() if what == "texts" else []
    failures = refused = 0
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, last):
            if what == "texts":
                failure = failure_of(mutated(random.Random(seed), bases), Path(name))
            else:
                failure = _disagreement(seed, Path(name))
            if failure is not None and failure.startswith(LOOPS_TOO_IRREGULAR):
                refused += 1
            elif failure is not None:
                failures += 1
                print(f"--- seed {seed}: {failure}", flush=True)
    loops = f", {refused} with loops that are refused" if refused else ""
    print(f"{last - first} {what}, {failures} failures{loops}")


def _disagreement(seed: int, folder: Path) -> str | None:
    try:
        run(draw(seed), folder)
    except Discrepancy as found:
        return str(found)
    return None


if __name__ == "__main__":
    main()
