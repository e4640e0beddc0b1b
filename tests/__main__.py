"""``python -m tests`` runs every check of the project; pytest is last, and takes the arguments.

A check that fails does not stop the ones after it, so that one run tells everything; the exit
status is the first that was not zero.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CHECKS = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"]]


def main() -> int:
    # The tools of the environment that runs this, whether or not it is on the PATH.
    scripts = Path(sysconfig.get_path("scripts"))
    status = 0
    for check in [*CHECKS, ["pytest", "-n", "2", "-q", *sys.argv[1:]]]:
        print("$", *check, flush=True)
        result = subprocess.run([scripts / check[0], *check[1:]], cwd=ROOT, check=False)
        status = status or result.returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
