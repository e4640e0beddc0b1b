"""Checking a text as a spec, for the tests of the analysis."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from specc.analysis.variants import Variant
from specc.codegen.module import emit
from specc.compiler import Compiled, check_file
from specc.diagnostics import Diagnostic, render_text


def check(folder: Path, text: str, **others: str) -> tuple[Compiled | None, list[Diagnostic]]:
    """The text as a file of ``folder``, with other files (``blocks="..."``) beside it."""
    for name, other in others.items():
        (folder / f"{name}.nnspec").write_text(_spec(other), encoding="utf-8")
    path = folder / "spec.nnspec"
    path.write_text(_spec(text), encoding="utf-8")
    return check_file(str(path))


def good(folder: Path, text: str, **others: str) -> Compiled:
    """A spec without errors."""
    compiled, found = check(folder, text, **others)
    assert compiled is not None, render_text(found)
    return compiled


def codes(folder: Path, text: str, **others: str) -> list[str]:
    """The codes of all diagnostics, in the order of their places."""
    return [each.code.id for each in check(folder, text, **others)[1]]


def one(folder: Path, text: str, **others: str) -> Diagnostic:
    """The only diagnostic of a spec."""
    _, found = check(folder, text, **others)
    assert len(found) == 1, render_text(found)
    return found[0]


def variant(compiled: Compiled, model: str) -> Variant:
    """The only analysis of a model."""
    checked = compiled.checked
    (definition,) = (d for d in checked.definitions if d.name == model)
    (found,) = checked.variants_of(definition)
    return found


def outputs(folder: Path, text: str, model: str = "Net", **others: str) -> dict[str, str]:
    """The output types of a model, as messages print them."""
    compiled = good(folder, text, **others)
    return {name: str(type_) for name, type_ in variant(compiled, model).outputs.items()}


def source(folder: Path, text: str, **others: str) -> str:
    """The emitted source of a spec."""
    return emit(good(folder, text, **others).program(), "")


def _spec(text: str) -> str:
    return f"nnspec 1\n\n{dedent(text).strip()}\n"
