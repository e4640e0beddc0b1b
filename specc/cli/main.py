"""The command ``specc``: finds the subcommand, and says in one place how a command ends."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

import click

import specc
from specc.cli.output import report
from specc.cli.status import Status
from specc.diagnostics import Diagnostic, SpecError, closest

# What each command is for, said here so that `specc --help` imports none of them.
COMMANDS = {
    "check": "Check specs, and say what is wrong and where.",
    "compile": "Print the PyTorch source that a spec stands for.",
    "doctor": "Say what is installed, what is missing and what is known to clash.",
    "eval": "Measure the weights of a finished run once more.",
    "explain": "Print the page of a diagnostic's code.",
    "export": "Write a trained model in forms that run without specc.",
    "fmt": "Format specs.",
    "plan": "Print everything that is settled before a run.",
    "plugins": "List the plugins in reach and their state.",
    "predict": "Say what the model of a run predicts for new rows.",
    "report": "Write the report of a run anew.",
    "runs": "List runs, or compare some.",
    "show": "Show the layers of a spec's models, or a component.",
    "train": "Train a model as a spec says.",
}


class LazyGroup(click.Group):
    """A group whose commands are modules of `specc.cli`, imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"specc.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            meant = closest(args[0], COMMANDS)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Compile .nnspec files: check, build, train and export neural networks.",
)
@click.version_option(specc.__version__, prog_name="specc")
@click.option("--traceback", is_flag=True, help="Show where in specc an internal error arose.")
def app(traceback: bool) -> None:
    """The group of all commands."""


def main() -> NoReturn:
    """The console script."""
    # Imports and trees are kept until the end: looking through them for garbage every 700 objects
    # takes a tenth of a check.
    gc.set_threshold(50_000)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit status. A command returns its own, ``None`` being good."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a character the terminal lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    with_traceback = False
    try:
        words = list(arguments)
        with app.make_context("specc", words, obj=tuple(arguments)) as context:
            with_traceback = context.params["traceback"]
            status = app.invoke(context)
        sys.stdout.flush()
        return int(status or Status.GOOD)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the end of every command
        return _settled(error, partial(_told, error, arguments, with_traceback))


def _settled(error: BaseException, tell: Callable[[], int]) -> int:
    """One of several ranks tells an error, for all of them."""
    ranks = sys.modules.get("specc.training.ranks")
    return tell() if ranks is None else int(ranks.settle(error, tell))


def _told(error: BaseException, arguments: Sequence[str], with_traceback: bool) -> int:
    """Say why a command ends; gives its exit status."""
    match error:
        case click.ClickException():
            error.show()
            return Status.WRONG
        case SpecError():
            report(error.diagnostics)
            return Status.WRONG
        case KeyboardInterrupt() | click.Abort():
            return Status.INTERRUPTED
        case BrokenPipeError():
            _forget_stdout()
            return Status.BROKEN_PIPE
        case OSError() if error.filename is not None:
            click.echo(f"specc: {error.filename}: {error.strerror}", err=True)
            return Status.REFUSED
    # Whatever is not a diagnostic is a bug, and says so.
    status = _end_of_run(error)
    return _bug(error, arguments, with_traceback) if status is None else status


def _end_of_run(error: BaseException) -> int | None:
    """The status of a run that did not come to its end; ``None`` if the error is no run's."""
    if "specc.training.errors" not in sys.modules:  # most commands start without it
        return None
    from specc.training.errors import FileRefused, Interrupted, RunFailed

    match error:
        case RunFailed():
            report([Diagnostic(error.code, error.message, None, help=error.help)])
            return Status.FAILED
        case FileRefused():
            details = [*error.details, *([f"help: {error.help}"] if error.help else [])]
            click.echo("\n  ".join([f"specc: {error}", *details]), err=True)
            return Status.REFUSED
        case Interrupted():
            click.echo(f"specc: {error}", err=True)
            return error.status
    return None


def _bug(error: BaseException, arguments: Sequence[str], with_traceback: bool) -> int:
    if with_traceback:
        traceback.print_exception(error)
    click.echo(f"specc: internal error: {type(error).__name__}: {error}", err=True)
    click.echo("This is a bug in specc, not a mistake of yours.", err=True)
    if not with_traceback:
        command = " ".join(["specc", "--traceback", *arguments])
        click.echo(f"Please report it with what `{command}` prints.", err=True)
    return Status.BUG


def _forget_stdout() -> None:
    """Give the interpreter's last flush somewhere to go."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
