"""Every mistake has a program that makes it, beside the exact text of its diagnostic.

``tests/bad/<CODE>-<name>.nnspec`` is checked, and what is printed is compared with the ``.txt`` of
the same name. ``pytest tests/test_bad.py --accept`` rewrites the texts.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specc.codes import all_codes
from specc.diagnostics import render_text

ROOT = Path(__file__).parent.parent
BAD = ROOT / "tests" / "bad"
PROGRAMS = sorted(BAD.glob("*.nnspec"))

LOADING = "tests/registry/test_loading.py::"

# Codes that no spec file alone can show, and the test that shows each.
SHOWN_ELSEWHERE = {
    # need plugins that are installed, or options of the command line
    "E0251": LOADING + "test_one_plugin_name_of_two_distributions",
    "E0252": "tests/registry/test_registry.py::test_a_component_that_is_not_what_was_registered",
    "E0253": LOADING + "test_a_file_is_a_plugin",
    "E0255": LOADING + "test_the_version_that_a_spec_needs",
    "W0250": LOADING + "test_a_broken_plugin_costs_a_warning",
    "W0251": LOADING + "test_a_plugin_for_another_specc",
    "W0252": LOADING + "test_a_core_name_cannot_be_replaced",
    "W0253": LOADING + "test_a_file_of_the_project_waits_for_approval",
    # is about pyproject.toml
    "E0254": "tests/registry/test_project.py::test_mistakes_have_a_place",
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_the_program_gets_exactly_its_diagnostics(
    program: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from specc.compiler import check_file

    monkeypatch.chdir(BAD)  # so that texts name files as a user there would
    _, found = check_file(program.name)
    text = render_text(found)
    codes = re.findall(r"^(?:error|warning)\[(\w+)\]", text, re.MULTILINE)
    assert codes[:1] == [program.stem.split("-")[0]], text

    expected = program.with_suffix(".txt")
    if request.config.getoption("--accept"):
        expected.write_text(text, encoding="utf-8")
    assert expected.exists(), "run `pytest tests/test_bad.py --accept`, and read what it writes"
    assert text == expected.read_text(encoding="utf-8")


def test_every_text_has_its_program() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in PROGRAMS}


def test_every_code_is_shown() -> None:
    by_program = {path.stem.split("-")[0] for path in PROGRAMS}
    missing = [id for id in all_codes() if id not in by_program and id not in SHOWN_ELSEWHERE]
    assert missing == []


def test_what_is_shown_elsewhere_is_shown_there() -> None:
    for id, test in SHOWN_ELSEWHERE.items():
        file, _, name = test.partition("::")
        assert id in all_codes(), f"{id} is gone"
        text = (ROOT / file).read_text(encoding="utf-8")
        assert f"def {name}(" in text, f"{test} is gone"
