"""The codes that ``specc explain`` knows."""

from __future__ import annotations

import re
import subprocess
import sys

from specc.codes import all_codes


def test_ids_are_well_formed_and_pages_say_something() -> None:
    codes = all_codes()
    for id, code in codes.items():
        assert re.fullmatch(r"[EW]0[1-9]\d\d", id)
        assert code.id == id
        assert code.title
        assert len(code.page.strip()) > 20, f"{id} has no page"


def test_gathering_them_never_imports_torch() -> None:
    program = (
        "import sys; from specc.codes import all_codes; all_codes(); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "False\n", result.stderr
