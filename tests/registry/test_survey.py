"""What ``specc plugins`` finds out."""

from __future__ import annotations

from pathlib import Path

from specc.registry import PluginOptions, Project
from specc.registry.survey import State, survey
from tests.registry.conftest import HEADER


def test_every_plugin_is_told_of_whatever_it_does(install, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    hook = "@hookimpl\ndef specc_components(): yield Lazy('swish', 'layer', 'a:B')\n"
    install("good", "print('noise')\n" + hook + "import atexit; atexit.register(print, 'late')")
    install("exits", "import os; os._exit(7)")
    install("raises", "1 / 0")
    install("quiet", hook)
    file = tmp_path / "mine.py"
    file.write_text(HEADER + hook)
    options = PluginOptions(
        files=(tmp_path / "absent.py",),
        blocked=frozenset({"quiet"}),
        project=Project(tmp_path, files=(file,)),
    )
    found = {status.name: status for status in survey(options)}

    good = found["good"]
    assert (good.state, good.contributions) == (State.READY, (("layer", "swish"),))
    assert (good.distribution, good.version) == ("specc-good", "1.2.3")
    assert (found["exits"].state, found["exits"].reason) == (
        State.FAILED,
        "ended its process with status 7",
    )
    assert found["raises"].reason == "ZeroDivisionError: division by zero"
    assert found["quiet"].state is State.BLOCKED
    assert found["mine"].state is State.NOT_TRUSTED
    assert found["absent"].state is State.FAILED
