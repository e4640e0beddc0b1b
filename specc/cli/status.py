"""Exit statuses, the same for every command."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """What the exit status of a command says."""

    GOOD = 0
    BUG = 1
    """Something went wrong inside specc."""
    WRONG = 2
    """The spec is wrong, or the command line is."""
    REFUSED = 3
    """An artefact or another file was refused."""
    FAILED = 4
    """The run failed."""
    INTERRUPTED = 130
    """The user pressed Ctrl-C (128 + SIGINT, as in a shell)."""
    BROKEN_PIPE = 141
    """Nobody reads our output any more (128 + SIGPIPE)."""
