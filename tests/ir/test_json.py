"""The IR of real specs survives JSON, whatever its depth."""

from __future__ import annotations

from pathlib import Path

import pytest

from specc.compiler import check_file
from specc.diagnostics import render_text
from specc.ir.json import digest, from_json, to_json

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.nnspec"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_program_survives_json(path: Path) -> None:
    compiled, found = check_file(str(path))
    assert compiled is not None, render_text(found)
    program = compiled.program()
    text = to_json(program)
    assert from_json(text) == program
    assert to_json(from_json(text)) == text
    assert len(digest(program)) == 64


@pytest.mark.parametrize(
    "body",
    ["x" + " |> linear(4)" * 300, "x" + " + x" * 190, "x" + "".join([" |> relu"] * 1000)],
    ids=["pipe", "sum", "long pipe"],
)
def test_a_deep_program_survives_json(tmp_path: Path, body: str) -> None:
    path = tmp_path / "deep.nnspec"
    path.write_text(f"nnspec 1\n\nmodel N {{\n  input x: float[B, 4]\n  output y = {body}\n}}\n")
    compiled, found = check_file(str(path))
    assert compiled is not None, render_text(found)
    program = compiled.program()
    assert from_json(to_json(program)) == program


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"kind":"ref","name":"x"}',
        '{"kind":"program","models":[],"more":1}',
        '{"kind": "program", "models": []}',
        '{"kind":"nothing"}',
        "[" * 100_000,
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(text)
