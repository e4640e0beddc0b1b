"""``specc explain``."""

from __future__ import annotations

import json

from specc.cli.main import run
from specc.codes import all_codes


def test_the_page_of_a_code(capsys) -> None:
    assert run(["explain", "e0251"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("E0251: several plugins supply one name\n\n")
    assert "signal.fourier" in out


def test_all_codes(capsys) -> None:
    assert run(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(all_codes())
    assert run(["explain", "--json"]) == 0
    assert {item["code"] for item in json.loads(capsys.readouterr().out)} == set(all_codes())


def test_an_unknown_code(capsys) -> None:
    assert run(["explain", "E0999"]) == 2
    assert "There is no code E0999." in capsys.readouterr().err
