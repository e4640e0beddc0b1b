"""The shipped parse tables are those of the grammars."""

from __future__ import annotations

from pathlib import Path

import pytest
from specc.grammars import generate, table

GRAMMARS = sorted(Path(table.__file__).parent.glob("*.lark"))


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda path: path.stem)
def test_the_table_is_fresh(grammar: Path) -> None:
    fresh = generate.to_json(generate.generate(grammar.read_text("utf-8")))
    shipped = grammar.with_suffix(".json").read_text("utf-8")
    assert fresh == shipped, "run `python -m specc.grammars`"
