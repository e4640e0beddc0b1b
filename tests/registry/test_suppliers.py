"""Names that a spec does not know, answered with the plugins that have them."""

from __future__ import annotations

import sys
from pathlib import Path

from specc.compiler import check_file
from specc.registry import suppliers
from tests.registry.conftest import Install

FAILS = "raise RuntimeError('imported')\n"

SPEC = "nnspec 1\n\nmodel Net {\n  input x: float[B, 3]\n  output y = x |> swish\n}\n"


def test_a_listed_name_is_answered_and_nothing_imported(install: Install, tmp_path: Path) -> None:
    module = install("swish", FAILS, names=("swish", "swoosh"))
    install("other", FAILS, names=("swoosh",))
    assert [str(owner) for owner in suppliers("swish")] == ["specc-swish 1.2.3"]
    assert [owner.plugin for owner in suppliers("swoosh")] == ["other", "swish"]
    assert suppliers("gelu") == ()
    spec = tmp_path / "net.nnspec"
    spec.write_text(SPEC)
    _, (diagnostic,) = check_file(str(spec))
    assert diagnostic.code.id == "E0202"
    assert diagnostic.help == "specc-swish 1.2.3 has it: write `use swish`"
    spec.write_text(SPEC.replace("swish", "swoosh"))
    _, (diagnostic,) = check_file(str(spec))
    assert diagnostic.help == (
        "specc-other 1.2.3 and specc-swish 1.2.3 have it: write `use other` or `use swish`"
    )
    assert module not in sys.modules


def test_a_name_listed_for_a_plugin_that_there_is_not_is_passed_over(install: Install) -> None:
    install("swish", FAILS)
    (info,) = Path(sys.path[0]).glob("*.dist-info")
    (info / "entry_points.txt").write_text("[specc.names]\nswish = swish\n")
    assert suppliers("swish") == ()
