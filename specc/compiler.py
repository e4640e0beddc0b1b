"""The pipeline, on one screen: each line a phase."""

from __future__ import annotations

import sys
from pathlib import Path

from specc import stdlib
from specc.analysis.files import Loader
from specc.analysis.frame import Context
from specc.analysis.program import Checked, check_alone, check_models
from specc.diagnostics import Collector, Diagnostic, SourceText, SpecError
from specc.registry import Need, PluginOptions, build_registry, load_plugins
from specc.syntax.source import read_source, read_stream

SECTIONS = ("data", "train", "export")


def check_file(
    path: str, plugins: PluginOptions | None = None
) -> tuple[Checked | None, list[Diagnostic]]:
    """Check one spec (``-`` is standard input); gives the program unless it has errors."""
    found = Collector()
    try:
        source = (
            read_stream(sys.stdin.buffer, "<stdin>") if path == "-" else read_source(Path(path), path)
        )
        checked = check(source, None if path == "-" else Path(path).resolve(), found, plugins)
    except SpecError as error:
        found.extend(error.diagnostics)
        checked = None
    return (None if found.failed else checked), found.diagnostics


def check(
    source: SourceText,
    path: Path | None,
    found: Collector,
    plugins: PluginOptions | None = None,
) -> Checked:
    """Text to checked program; mistakes go to ``found``, limits and bad files raise `SpecError`."""
    loader = Loader(path.parent if path else Path.cwd(), found, SECTIONS)
    file = loader.load(source, path)
    needs = [
        Need(use.name.id, use.span, use.op, use.version)
        for each in (*loader.loaded.values(), file)
        for use in each.uses
    ]
    registry, notes = load_plugins(build_registry([stdlib]), needs, plugins)
    found.extend(notes)
    checked = check_models(file, Context(registry, found))
    check_alone(checked)
    return checked
