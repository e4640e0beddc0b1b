"""What `specc check` costs: a cold process against bare interpreters, and growth with the layers.

    python benchmarks/check.py [--quick] [--json]

Cold: the command as a person runs it, beside an interpreter that does nothing, one that imports
the libraries that the command imports, and one that imports specc's own modules as well. Growth: a
model of n layers by `repeat`, and the same written out, up to the limit on the source; checked in
this process, so that only the work of the check is in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from measuring import arguments, medians, report, table

from specc.compiler import Request, check
from specc.diagnostics import Collector, SpecError

ROOT = Path(__file__).parents[1]
SPECS = ("linear_regression", "mnist_mlp", "resnet18", "gpt_small")

# Compiled modules are kept between runs, as they are where specc is installed.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def process(*args: str) -> Callable[[], object]:
    """A run of the interpreter that counts only if it ended well."""
    command = [sys.executable, *args]
    return lambda: subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def imported(spec: str) -> list[str]:
    """The modules that are loaded once a spec was checked by the command."""
    code = (
        "import sys\n"
        f"sys.argv = ['specc', 'check', {spec!r}]\n"
        "from specc.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + ' '.join(m for m in sys.modules if m != '__main__'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()[-1].split()


def importing(modules: list[str]) -> str:
    """Code that imports modules in their order; a few cannot be imported by their own name."""
    return (
        f"import contextlib, importlib\nfor name in {modules!r}:\n"
        "    with contextlib.suppress(ImportError):\n        importlib.import_module(name)"
    )


def cold(rounds: int) -> list[dict[str, Any]]:
    rows = []
    for name in SPECS:
        spec = f"specs/{name}.nnspec"
        modules = imported(spec)
        libraries = [m for m in modules if m.split(".")[0] != "specc"]
        taken = medians(
            {
                "bare": process("-c", "pass"),
                "libraries": process("-c", importing(libraries)),
                "imports": process("-c", importing(modules)),
                "check": process("-m", "specc", "check", spec),
            },
            rounds,
        )
        rows.append({"spec": name, "modules": len(modules), **taken})
    return rows


def by_repeat(layers: int) -> str:
    return _model(f"  repeat {layers} {{\n    x = x |> linear(64) |> relu\n  }}\n")


def written_out(layers: int) -> str:
    return _model("  x = x |> linear(64) |> relu\n" * layers)


def _model(body: str) -> str:
    head = "nnspec 1\n\nmodel Deep {\n  input rows: float[B, 64]\n  x = rows\n"
    return f"{head}{body}  output y = x\n}}\n"


def checked(text: str, folder: Path) -> bool:
    """Check a text; false where it is over a limit."""
    path = folder / "deep.nnspec"
    path.write_text(text, encoding="utf-8")
    found = Collector()
    try:
        check(Request(str(path)), found)
    except SpecError:
        return False
    return not found.failed


def growth(sizes: list[int], rounds: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for way, write in (("repeat", by_repeat), ("written out", written_out)):
            counts = [n for n in sizes if checked(write(n), folder)]
            if way == "written out":
                counts = sorted({*counts, largest(write, max(counts), 2 * sizes[-1], folder)})
            taken = medians({str(n): partial(checked, write(n), folder) for n in counts}, rounds)
            found[way] = [{"layers": n, "seconds": taken[str(n)]} for n in counts]
    return found


def largest(write: Callable[[int], str], good: int, bad: int, folder: Path) -> int:
    """The largest number of layers that is still within the limits."""
    while bad - good > 1:
        middle = (good + bad) // 2
        if checked(write(middle), folder):
            good = middle
        else:
            bad = middle
    return good


def main() -> None:
    options = arguments(__doc__ or "")
    processes = cold(3 if options.quick else 15)
    sizes = [10, 100, 1000] if options.quick else [10, 100, 1000, 10_000]
    layers = growth(sizes, 2 if options.quick else 5)
    tables = [
        table(
            "A cold process, ratios of medians",
            ("spec", "modules", "check s", "/ bare", "/ libraries", "/ same imports"),
            [
                (
                    row["spec"],
                    row["modules"],
                    row["check"],
                    *(row["check"] / row[beside] for beside in ("bare", "libraries", "imports")),
                )
                for row in processes
            ],
        )
    ]
    for way, rows in layers.items():
        first = rows[0]
        tables.append(
            table(
                f"Growth, layers {way if way != 'repeat' else 'by repeat'}",
                ("layers", "seconds", f"/ {first['layers']} layers", "µs a layer"),
                [
                    (
                        f"{row['layers']:,}",
                        row["seconds"],
                        row["seconds"] / first["seconds"],
                        1e6 * row["seconds"] / row["layers"],
                    )
                    for row in rows
                ],
            )
        )
    report({"cold": processes, "growth": layers}, tables, options.json)


if __name__ == "__main__":
    main()
