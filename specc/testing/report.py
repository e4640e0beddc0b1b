"""What is tried with a component, one check after another, and what went wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ValidationError

from specc.components import Example, TensorComponent


@dataclass
class Report:
    """What was tried with a component, and what went wrong: check -> messages."""

    component: str
    passed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, list[str]] = field(default_factory=dict)
    excused: dict[str, str] = field(default_factory=dict)

    def stop_if_failed(self) -> None:
        """Raise `AssertionError` with every failure."""
        if self.failed:
            lines = [f"{c}: {message}" for c, found in self.failed.items() for message in found]
            raise AssertionError("\n".join([f"{self.component} does not conform", *lines]))

    def __str__(self) -> str:
        words = []
        for check in dict.fromkeys((*self.passed, *self.failed, *self.excused)):
            if check in self.failed:
                words.append(f"{check} FAILED")
            elif check in self.excused:
                words.append(f"{check} excused")
            elif check in self.passed:
                words.append(f"{check} {self.passed[check]}")
        return f"{self.component}: {', '.join(words)}"


class Run:
    """The checks of a kind of component: methods that yield what went wrong."""

    checks: ClassVar[tuple[str, ...]]

    def __init__(self, cls: type[TensorComponent], examples: tuple[Example, ...]) -> None:
        self.cls = cls
        self.examples = examples
        self.report = Report(cls.__name__)

    def all(self) -> None:
        """Every check, in order."""
        if not self.examples:
            message = "declare examples: none could be drawn from the signature"
            self.report.failed["types"] = [message]
            return
        for check in self.checks:
            found: list[str] = []
            method: Callable[[], Iterator[str]] = getattr(self, f"_{check}")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found += method()
            reason = self.cls.exceptions.get(check)
            if reason is None:
                if found:
                    self.report.failed[check] = found
            elif found:
                self.report.excused[check] = reason
            else:
                message = f"passes, although an exception is declared: {reason}"
                self.report.failed[check] = [message]
        for check in set(self.cls.exceptions) - set(self.checks):
            message = f"there is no such check; the checks are {', '.join(self.checks)}"
            self.report.failed[check] = [message]

    def _count(self, check: str) -> None:
        self.report.passed[check] = self.report.passed.get(check, 0) + 1

    def _unknown_field(self) -> Iterator[str]:
        self._count("unknown_field")
        try:
            self.cls(**{**self.examples[0].config, "no_such_field": 1})
        except ValidationError:
            return
        yield "a field that does not exist is accepted"
