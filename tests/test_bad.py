"""Every mistake has a program that makes it, beside the exact text of its diagnostic.

``tests/bad/<CODE>-<name>.nnspec`` is checked, and where nothing is found its train section is
planned, which reads the data. What is printed is compared with the ``.txt`` of the same name.
``pytest tests/test_bad.py --accept`` rewrites the texts.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specc.codes import all_codes
from specc.diagnostics import Diagnostic, SpecError, render_text

ROOT = Path(__file__).parent.parent
BAD = ROOT / "tests" / "bad"
PROGRAMS = sorted(BAD.glob("*.nnspec"))

LOADING = "tests/registry/test_loading.py::"

# Codes that no spec file alone can show, and the test that shows each.
REFUSED = (
    "tests/training/test_fit.py::test_what_cannot_be_run_is_refused_before_anything_is_written"
)
FAILURES = "tests/training/test_failures.py::"

RANKS = "tests/training/test_launch.py::"
EXPORTS = "tests/export/test_export.py::"

SHOWN_ELSEWHERE = {
    # need the data to be read, or a run that goes wrong
    "E0701": FAILURES + "test_the_first_value_that_is_not_finite_is_found",
    "E0702": REFUSED,
    "E0703": REFUSED,
    "E0704": REFUSED,
    "E0705": REFUSED,
    "E0706": REFUSED,
    "E0707": REFUSED,
    "E0708": FAILURES + "test_a_disk_that_fails_leaves_the_checkpoint_before",
    "E0709": FAILURES + "test_out_of_memory_says_what_to_change",
    "E0710": FAILURES + "test_half_floats_are_for_cuda",
    "E0711": FAILURES + "test_a_pattern_that_freezes_nothing",
    "E0713": "tests/training/test_steps.py::test_what_a_step_cannot_do_is_refused",
    "E0714": "tests/training/test_steps.py::test_groups_that_cannot_be",
    "E0720": "tests/data/test_streaming.py::test_a_stuck_thread_ends_the_run",
    "E0712": "tests/training/test_runs.py::test_smoke_finds_what_no_seed_reaches",
    "E0721": RANKS + "test_a_rank_that_is_killed_over_and_over",
    "E0722": RANKS + "test_more_ranks_than_rows",
    "E0723": RANKS + "test_a_metric_that_nobody_adds_up",
    "E0766": "tests/training/test_loads.py::test_what_cannot_be_loaded_is_refused",
    "E0756": "tests/analysis/test_unknown_sizes.py::test_a_constructor_that_needs_a_free_size",
    # need a finished run
    "E0630": "tests/predicting/test_predict.py::test_a_folder_that_is_no_run_is_refused",
    "E0759": "tests/predicting/test_predict.py::test_a_run_without_outputs_says_so",
    "E0801": EXPORTS + "test_an_exporter_that_is_wrong_leaves_nothing",
    "E0802": "tests/export/test_tracing.py::test_the_steps_of_an_lstm_are_built_in",
    "E0803": EXPORTS + "test_a_backend_that_fails_is_told",
    "E0804": EXPORTS + "test_a_backend_that_fails_is_told",
    "E0805": "tests/export/test_tracing.py::test_a_model_that_says_nothing_proves_nothing",
    "E0806": EXPORTS + "test_a_spec_that_was_not_trained_has_nothing_to_export",
    "E0807": EXPORTS + "test_one_of_several_sections_is_chosen_by_name",
    "E0810": EXPORTS + "test_a_backend_that_fails_is_told",
    "E0811": "tests/export/test_safety.py::test_what_an_archive_may_not_hold",
    # need plugins that are installed, or options of the command line
    "E0251": LOADING + "test_one_plugin_name_of_two_distributions",
    "E0252": "tests/registry/test_registry.py::test_a_component_that_is_not_what_was_registered",
    "E0253": LOADING + "test_a_file_is_a_plugin",
    "E0255": LOADING + "test_the_version_that_a_spec_needs",
    "W0250": LOADING + "test_a_broken_plugin_costs_a_warning",
    "W0251": LOADING + "test_a_plugin_for_another_specc",
    "W0252": LOADING + "test_a_core_name_cannot_be_replaced",
    "W0253": LOADING + "test_a_file_of_the_project_waits_for_approval",
    # need files that are too large to keep, or another mistake before them
    "E0901": "tests/syntax/test_hostile.py::test_bytes_that_are_no_spec",
    "E0905": "tests/syntax/test_hostile.py::test_refused_soon",
    "E0907": "tests/syntax/test_hostile.py::test_the_count_of_mistakes_is_bounded",
    # a check says first that the file is missing, or that the columns do not go together
    "E0601": "tests/data/test_sources.py::test_a_path_stays_inside_the_project",
    "E0621": "tests/data/test_prepare.py::test_text_beside_numbers_and_text_as_a_tensor",
    "E0623": "tests/data/test_prepare.py::test_text_beside_numbers_and_text_as_a_tensor",
    # is a spec of a thousand lines
    "E0952": "tests/analysis/test_hostile.py::test_a_chain_of_models",
    # is about pyproject.toml
    "E0254": "tests/registry/test_project.py::test_mistakes_have_a_place",
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_the_program_gets_exactly_its_diagnostics(
    program: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from specc.compiler import check_file

    monkeypatch.chdir(BAD)  # so that texts name files as a user there would
    compiled, found = check_file(program.name)
    if compiled is not None and compiled.sections.trains and not found:
        found = planned(program.name)
    text = render_text(found)
    codes = re.findall(r"^(?:error|warning)\[(\w+)\]", text, re.MULTILINE)
    assert codes[:1] == [program.stem.split("-")[0]], text

    expected = program.with_suffix(".txt")
    if request.config.getoption("--accept"):
        expected.write_text(text, encoding="utf-8")
    assert expected.exists(), "run `pytest tests/test_bad.py --accept`, and read what it writes"
    assert text == expected.read_text(encoding="utf-8")


def planned(path: str) -> list[Diagnostic]:
    """What is wrong with the data, which only a plan reads."""
    from specc.compiler import Request
    from specc.planning import plan_file

    try:
        return list(plan_file(Request(path)).warnings)
    except SpecError as error:
        return list(error.diagnostics)


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
