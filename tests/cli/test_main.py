"""How commands are found, and how they end."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from types import ModuleType

import click
import pytest

import specc
from specc.cli.main import COMMANDS, run
from specc.diagnostics import Code, Diagnostic, SpecError


@pytest.fixture
def explode(monkeypatch: pytest.MonkeyPatch):
    """``explode(error)`` gives the arguments of a command that raises it."""

    def make(error: BaseException) -> list[str]:
        @click.command()
        def command() -> None:
            raise error

        module = ModuleType("specc.cli.explain")
        module.command = command
        monkeypatch.setitem(sys.modules, "specc.cli.explain", module)
        return ["explain"]

    return make


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_all_commands_is_what_each_says_of_itself(name: str) -> None:
    command = importlib.import_module(f"specc.cli.{name}").command
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name]


def test_commands_are_sorted() -> None:
    assert list(COMMANDS) == sorted(COMMANDS)


def test_the_version(capsys) -> None:
    assert run(["--version"]) == 0
    assert specc.__version__ in capsys.readouterr().out


def test_an_unknown_command_is_answered_with_the_nearest(capsys) -> None:
    assert run(["chekc"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Did you mean 'check'?" in err


@pytest.mark.parametrize("arguments", [["check"], ["check", "--frmat", "x"], ["check", "absent"]])
def test_wrong_usage(arguments: list[str], capsys) -> None:
    assert run(arguments) == 2
    assert "Usage: specc check" in capsys.readouterr().err


def test_an_internal_error_says_that_it_is_a_bug(explode, capsys) -> None:
    arguments = explode(KeyError("x"))
    assert run(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "internal error: KeyError: 'x'" in err
    assert "specc --traceback explain" in err
    assert "Traceback" not in err
    assert run(["--traceback", *arguments]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_diagnostic_is_shown_as_one(explode, capsys) -> None:
    error = SpecError(Diagnostic(Code("E0999", "t", "p"), "wrong", None, help="mend it"))
    assert run(explode(error)) == 2
    assert capsys.readouterr().err == "error[E0999]: wrong\n = help: mend it\n"


def test_a_file_that_cannot_be_written(explode, capsys) -> None:
    assert run(explode(PermissionError(13, "Permission denied", "/x"))) == 3
    assert capsys.readouterr().err == "specc: /x: Permission denied\n"


def test_ctrl_c_is_quiet(explode, capsys) -> None:
    assert run(explode(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == ""


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "specc", "explain"]
    writer = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert writer.stderr == b""
    assert writer.returncode == 141


def test_help_imports_no_command() -> None:
    program = (
        "import sys, json\nfrom specc.cli.main import run\nrun(['--help'])\n"
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('torch', 'rich', 'lark')"
        " or m.startswith('specc.cli.')]))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    names = json.loads(result.stdout.splitlines()[-1])
    assert set(names) == {"specc.cli.main", "specc.cli.output", "specc.cli.status"}
