"""The pipeline, on one screen: each line a phase."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from specc import stdlib
from specc.analysis.build import Builder
from specc.analysis.files import LoadedFile, Loader
from specc.analysis.frame import Context
from specc.analysis.overrides import override
from specc.analysis.program import Checked, check_alone, check_models
from specc.analysis.sections import Sections, check_sections
from specc.analysis.train_values import TrainSection
from specc.components import Strategy
from specc.components.data import Schema
from specc.diagnostics import Collector, Diagnostic, SourceText, SpecError
from specc.ir.program import Program
from specc.registry import (
    Need,
    PluginOptions,
    Registry,
    build_registry,
    find_project,
    load_plugins,
)
from specc.syntax.source import read_source, read_stream
from specc.training.settings import Settings, StepSettings

SECTIONS = ("data", "train", "export")


class Request(Struct, frozen=True):
    """What is to be compiled, and what the command line says about it."""

    path: str
    overrides: Sequence[str] = ()
    plugins: PluginOptions | None = None
    known: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)
    """Sizes that the data gave, by section, field and attribute."""

    schemas: Mapping[str, Schema] = field(default_factory=dict)
    """What the sources of data sections hold; the others are asked."""

    source: SourceText | None = None
    """The text, where it was read before: standard input is read once."""

    folder: Path | None = None
    """What paths of data are relative to; the folder of the spec where it is ``None``."""

    project: Path | None = None
    """What imports stay inside; where it is ``None``, the project that the spec lies in."""

    runs: Path = Path("runs")
    """Where the runs of other train sections are looked for."""


class Compiled(Struct, frozen=True):
    """A checked program and its sections."""

    file: LoadedFile
    root: Path
    checked: Checked
    sections: Sections

    @property
    def builder(self) -> Builder:
        """Makes the IR."""
        return Builder(self.checked)

    def program(self) -> Program:
        """The IR of every model."""
        return self.builder.build(self.checked.definitions)


def check_file(
    path: str, plugins: PluginOptions | None = None
) -> tuple[Compiled | None, list[Diagnostic]]:
    """Check one spec (``-`` is standard input); gives the program unless it has errors."""
    found = Collector()
    compiled = None
    try:
        compiled = check(Request(path, plugins=plugins), found)
    except SpecError as error:
        found.extend(error.diagnostics)
    return (None if found.failed else compiled), found.diagnostics


def check(request: Request, found: Collector) -> Compiled:
    """Text to checked program; mistakes go to ``found``, limits and bad files raise `SpecError`."""
    source, path, folder = _read(request)
    plugins = request.plugins or PluginOptions()
    root = request.folder or folder
    project = plugins.project or find_project(root)
    plugins = replace(plugins, project=project)
    within = project is not None and folder.is_relative_to(project.root)
    inside = request.project or (project.root if project and within else folder)
    loader = Loader(inside, found, SECTIONS, lambda file: override(file, request.overrides, found))
    file = loader.load(source, path)
    registry, notes = load_plugins(core(), _needs(loader, file), plugins)
    found.extend(notes)
    context = Context(registry, found, known=request.known, schemas=request.schemas)
    ours = project.root if project and root.is_relative_to(project.root) else root
    context.open_run = partial(_opened, root, ours, request, _open_names(file, request))
    checked = check_models(file, context)
    sections = check_sections(file, context, checked.models, Settings, StepSettings, root)
    check_alone(checked)
    return Compiled(file, root, checked, sections)


def _opened(
    root: Path, inside: Path, request: Request, is_open: Callable[[str], bool], path: str
) -> TrainSection:
    from specc.kept import kept_section, run_folder

    return kept_section(run_folder(path, root, inside), request.plugins, is_open)


def _open_names(file: LoadedFile, request: Request) -> Callable[[str], bool]:
    """Tells the sizes (``Digits.label.classes``) that the data of a file will give and has not
    given yet: those of a run over data of the same name are taken to be the same until then."""
    own = {each.name.id for each in file.sections if each.word.id == "data" and each.name}
    return lambda size: size.partition(".")[0] in own and size not in request.known


@cache
def core() -> Registry:
    """What specc itself brings; a value that never changes."""
    return build_registry([stdlib])


def default_strategy() -> Strategy:
    """How several ranks train where the spec does not say."""
    entry = core().find("ddp", ["strategy"])
    assert entry is not None
    cls = entry.load()
    assert issubclass(cls, Strategy)
    return cls()


def _read(request: Request) -> tuple[SourceText, Path | None, Path]:
    """The text, its path and the folder that it lies in."""
    if request.path == "-":
        source = request.source or read_stream(sys.stdin.buffer, "<stdin>")
        return source, None, Path.cwd()
    path = Path(request.path)
    source = request.source or read_source(path, request.path)
    return source, path.resolve(), path.resolve().parent


def _needs(loader: Loader, file: LoadedFile) -> list[Need]:
    """The plugins that the files ask for."""
    files = dict.fromkeys((*loader.loaded.values(), file))
    return [Need(u.name.id, u.name.span, u.op, u.version) for each in files for u in each.uses]
