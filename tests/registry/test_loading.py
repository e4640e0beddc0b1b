"""Plugins that behave, and plugins that do everything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from specc.diagnostics import Diagnostic, SourceText, Span
from specc.registry import Need, PluginOptions, Project, Registry, load_plugins
from specc.registry.trust import approve

GOOD = """
class Swish(Layer):
    signature = "float[...] -> float[...]"

@hookimpl
def specc_components():
    yield Swish
    yield Lazy("far", "loss", "plug_far:Far")
"""

NAMED = [Need("mine", Span(SourceText("net.nnspec", "use mine\n"), 4, 8))]


def the_only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, found
    return found[0]


def test_a_plugin_contributes_its_components(install, core: Registry) -> None:
    module = install("mine", GOOD)
    registry, found = load_plugins(core, NAMED)
    assert found == []
    swish = registry.find("swish", ["loss", "layer"])
    assert str(swish.owner) == "specc-mine 1.2.3"
    assert swish.load() is sys.modules[module].Swish
    assert registry.find("mine.swish") is swish
    assert registry.names() == ("f1", "far", "relu", "swish")
    assert registry.names(["loss"]) == ("far",)
    assert core.names() == ("f1", "relu"), "a registry is a value"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ('signature = "float[... -> flot[...]"', "the signature of `swish` is wrong: cannot read"),
        ("pass", "`swish` has no `signature`"),
        (
            'signature = "float[...] -> float[...]"\n    target = "silu"',
            "the target of `swish` has no module: 'silu'",
        ),
    ],
)
def test_a_component_that_is_not_whole(install, core: Registry, wrong: str, reason: str) -> None:
    code = GOOD.replace('signature = "float[...] -> float[...]"', wrong)
    code = code.replace("(Layer)", "(FunctionLayer)")
    install("mine", "from specc.components import FunctionLayer\n" + code)
    registry, found = load_plugins(core, NAMED)
    assert registry.names() == core.names()
    assert reason in the_only(found).message
    assert "specc-mine 1.2.3" in the_only(found).message


def test_nothing_that_is_not_named_is_imported(install, core: Registry) -> None:
    module = install("mine", GOOD)
    install("other", GOOD)
    registry, found = load_plugins(core, [])
    assert (registry.names(), found) == (("f1", "relu"), [])
    assert module not in sys.modules
    load_plugins(core, NAMED)
    assert module in sys.modules
    assert "plug_specc_other" not in sys.modules


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no\\nluck')", "RuntimeError: no luck"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(BaseException): pass\nraise Odd", "Odd"),
        ("import plug_missing", "ModuleNotFoundError: No module named 'plug_missing'"),
        ("def broken(:", "SyntaxError"),
        ("@hookimpl\ndef specc_components(): return 3", "returned 3, not an iterable"),
        ("@hookimpl\ndef specc_components(): return [3]", "gave 3, which is not a component"),
        ("@hookimpl\ndef specc_components(): return [int]", "which is not a component"),
        ("@hookimpl\ndef specc_component(): return []", "unknown hook 'specc_component'"),
        ("@hookimpl\ndef specc_components(x): return []", "Argument(s) {'x'}"),
        (
            "@hookimpl\ndef specc_components(): yield Lazy('No good', 'layer', 'a:B')",
            "'No good' is not the name of a component",
        ),
        (
            "@hookimpl\ndef specc_components(): yield Lazy('good', 'layer', 'a')",
            "'a' is not the target of a component",
        ),
        (
            "@hookimpl\ndef specc_components():\n  yield from [Lazy('a', 'layer', 'a:B')] * 2",
            "the layer `a` is registered twice",
        ),
    ],
)
def test_a_broken_plugin_costs_a_warning(install, core, code: str, reason: str) -> None:
    install("mine", code)
    registry, found = load_plugins(core, NAMED)
    warning = the_only(found)
    assert warning.code.id == "W0250"
    assert warning.message.startswith("the plugin `mine` of specc-mine 1.2.3 is not used: ")
    assert reason in warning.message
    assert "\n" not in warning.message
    assert warning.span is NAMED[0].span
    assert registry.names() == core.names()


def test_registration_that_fails_halfway_leaves_nothing(install, core: Registry) -> None:
    install("mine", GOOD + "    raise RuntimeError('halfway')\n")
    registry, found = load_plugins(core, NAMED)
    assert "halfway" in the_only(found).message
    assert registry.names() == core.names()


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "while True:\n  try: 1 / 0\n  except Exception: pass",
        "@hookimpl\ndef specc_components():\n  while True: pass",
    ],
)
def test_a_plugin_that_hangs_is_stopped(install, core, monkeypatch, code: str) -> None:
    monkeypatch.setattr("specc.registry.guard.guarded.__defaults__", (0.2,))
    install("mine", code)
    start = time.monotonic()
    _, found = load_plugins(core, NAMED)
    assert "did not finish within 0.2 seconds" in the_only(found).message
    assert time.monotonic() - start < 5


def test_what_a_plugin_prints_goes_to_stderr(install, core, capfd) -> None:
    install(
        "mine",
        "import os\nprint('python')\nos.write(1, b'native')\n"
        "@hookimpl\ndef specc_components():\n  print('hook')\n  return []",
    )
    _, found = load_plugins(core, NAMED)
    out, err = capfd.readouterr()
    assert (found, out) == ([], "")
    assert all(words in err for words in ("python", "native", "hook"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [("specc_api = 2", "this specc has 1"), ("", "does not say `specc_api = 1`")],
)
def test_a_plugin_for_another_specc(install, core, line: str, reason: str) -> None:
    install(
        "mine", GOOD, header="from specc.registry import hookimpl, Lazy\nLayer = object\n" + line
    )
    registry, found = load_plugins(core, NAMED)
    warning = the_only(found)
    assert warning.code.id == "W0251"
    assert "specc-mine 1.2.3" in warning.message
    assert reason in warning.message
    assert registry.names() == core.names()


def test_a_core_name_cannot_be_replaced(install, core: Registry) -> None:
    install("mine", "@hookimpl\ndef specc_components(): yield Lazy('relu', 'loss', 'a:B')")
    registry, found = load_plugins(core, NAMED)
    warning = the_only(found)
    assert warning.code.id == "W0252"
    assert "specc-mine 1.2.3 may not replace `relu`" in warning.message
    assert registry.find("relu").owner.is_core
    assert registry.find("relu", ["loss"]) is None
    assert not registry.find("mine.relu").owner.is_core


def test_nobody_else_is_called_specc(install, core: Registry) -> None:
    install("specc", GOOD, distribution="evil")
    registry, found = load_plugins(core, [Need("specc")])
    assert "only specc itself" in the_only(found).message
    assert registry.names() == core.names()


def test_a_plugin_that_is_not_installed(install, core: Registry) -> None:
    install("mine", GOOD)
    _, found = load_plugins(core, [Need("mnie")])
    error = the_only(found)
    assert (error.code.id, error.help) == ("E0250", "did you mean `mine`?")


def test_one_plugin_name_of_two_distributions(install, core: Registry) -> None:
    install("mine", GOOD)
    install("mine", GOOD, distribution="other-mine")
    _, found = load_plugins(core, NAMED)
    error = the_only(found)
    assert error.code.id == "E0251"
    assert "other-mine 1.2.3 and by specc-mine 1.2.3" in error.message
    assert not any(name.startswith("plug_") for name in sys.modules)


@pytest.mark.parametrize(("op", "version", "good"), [(">=", "1.2", True), ("<", "1.2.3", False)])
def test_the_version_that_a_spec_needs(install, core, op: str, version: str, good: bool) -> None:
    install("mine", GOOD)
    registry, found = load_plugins(core, [Need("mine", None, op, version)])
    assert ("swish" in registry.names()) is good
    if not good:
        error = the_only(found)
        assert error.code.id == "E0255"
        assert error.help == "pip install 'specc-mine<1.2.3'"


def test_the_command_line_names_and_blocks(install, core: Registry) -> None:
    install("mine", GOOD)
    registry, _ = load_plugins(core, [], PluginOptions(names=("mine",)))
    assert "swish" in registry.names()
    _, found = load_plugins(core, NAMED, PluginOptions(blocked=frozenset({"mine"})))
    assert "kept out by `-p no:mine`" in the_only(found).message


def test_a_file_is_a_plugin(core: Registry, tmp_path: Path) -> None:
    from tests.registry.conftest import HEADER

    file = tmp_path / "mine.py"
    file.write_text(HEADER + GOOD)
    registry, found = load_plugins(core, NAMED, PluginOptions(files=(file,)))
    assert found == []
    assert registry.find("mine.swish").load().signature == "float[...] -> float[...]"

    copy = tmp_path / "copy" / "mine.py"
    copy.parent.mkdir()
    copy.write_bytes(file.read_bytes())
    _, found = load_plugins(core, [], PluginOptions(files=(file, copy)))
    assert the_only(found).code.id == "E0251"

    _, found = load_plugins(core, [], PluginOptions(files=(tmp_path / "absent.py",)))
    assert the_only(found).code.id == "E0253"


def test_a_file_of_the_project_waits_for_approval(core, tmp_path, monkeypatch) -> None:
    from tests.registry.conftest import HEADER

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "mine.py"
    file.write_text(HEADER + GOOD)
    options = PluginOptions(project=Project(tmp_path, files=(file,)))

    registry, found = load_plugins(core, [], options)
    assert the_only(found).code.id == "W0253"
    assert registry.names() == core.names()

    approve(file)
    registry, found = load_plugins(core, [], options)
    assert found == []
    assert "swish" in registry.names()

    file.write_text(file.read_text() + "\n")
    _, found = load_plugins(core, [], options)
    assert the_only(found).code.id == "W0253", "it changed since"


def test_the_libraries_we_stand_on_import_no_strangers() -> None:
    names = ("PYDANTIC_DISABLE_PLUGINS", "TORCH_DEVICE_BACKEND_AUTOLOAD")
    program = f"import os, specc; print(*[os.environ[name] for name in {names}])"
    environment = {**os.environ, "PYDANTIC_DISABLE_PLUGINS": "0"}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert result.stdout == "__all__ 0\n"


def test_the_registry_does_not_import_torch_or_read_metadata() -> None:
    program = (
        "import sys, json\n"
        "from specc.registry import build_registry, load_plugins\n"
        "load_plugins(build_registry([]), [])\n"
        "print(json.dumps([name for name in ('torch', 'rich', 'importlib.metadata', 'pydantic')"
        " if name in sys.modules]))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert set(json.loads(result.stdout)) <= {"importlib.metadata"}, result.stderr
