"""The specs as documentation: each checks without a remark, is formatted, and reads as it should.

``tests/golden`` holds the emitted source of each; ``pytest tests/specs --accept`` rewrites it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from specc.compiler import check_file
from specc.diagnostics import render_text
from specc.syntax.source import read_source
from tests.specs.cases import BY_SPEC, SPECS, load

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = sorted(path.stem for path in SPECS.glob("*.nnspec"))


def test_every_spec_has_its_case() -> None:
    assert sorted(BY_SPEC) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_checks_without_a_remark(name: str) -> None:
    _, found = check_file(str(SPECS / f"{name}.nnspec"))
    found = [each for each in found if each.code.id != "W0650"]  # not all data is shipped
    assert not found, render_text(found)


@pytest.mark.parametrize("name", NAMES)
def test_begins_with_what_it_is(name: str) -> None:
    text = read_source(SPECS / f"{name}.nnspec", name).text
    assert text.startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_emitted_source(name: str, request: pytest.FixtureRequest) -> None:
    expected = GOLDEN / f"{name}.py"
    if request.config.getoption("--accept"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(load(name).source(), encoding="utf-8")
    assert expected.exists(), "run `pytest tests/specs --accept`, and read what it writes"
    assert load(name).source() == expected.read_text(encoding="utf-8")
