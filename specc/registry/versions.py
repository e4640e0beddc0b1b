"""Versions of distributions, as far as ``use text >= 1.2`` compares them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_COMPARE: dict[str, Callable[[list[int], list[int]], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def admits(installed: str, op: str, wanted: str) -> bool:
    """Whether ``installed op wanted`` holds, as in ``1.10.2 >= 1.9``.

    The numbers of the release are compared; what comes after them (``rc1``, ``+cpu``) is not.
    """
    ours, theirs = _release(installed), _release(wanted)
    length = max(len(ours), len(theirs))
    return _COMPARE[op](_padded(ours, length), _padded(theirs, length))


def _release(version: str) -> list[int]:
    numbers = re.match(r"\d{1,9}(\.\d{1,9})*", version)
    return [int(number) for number in numbers.group().split(".")] if numbers else []


def _padded(numbers: list[int], length: int) -> list[int]:
    return numbers + [0] * (length - len(numbers))
