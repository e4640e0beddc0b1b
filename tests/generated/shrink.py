"""``python -m tests.generated.shrink SEED...``: programs that disagree, as small as they get."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.generated.harness import Discrepancy, run
from tests.generated.programs import draw
from tests.generated.shrinking import kind_of, shrunk


def main() -> None:
    for seed in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            program = draw(seed)
            if kind_of(program, folder) is None:
                print(f"{seed} agrees")
                continue
            small = shrunk(program, folder)
            print(f"--- {seed}, run with {small.cases}\n{small.text}")
            try:
                run(small, folder)
            except Discrepancy as found:
                print(found)


if __name__ == "__main__":
    main()
