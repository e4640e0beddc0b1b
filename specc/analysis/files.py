"""Files and what they import, joined into scopes of names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from specc.analysis import errors_names as errors
from specc.analysis.broken import Broken
from specc.analysis.definitions import Binding, FileScope, define
from specc.analysis.values import POISON, Namespace, Recipe, Value
from specc.diagnostics import Code, Collector, Diagnostic, Label, SourceText, Span, SpecError
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import tree
from specc.syntax.parser import parse
from specc.syntax.source import read_source

MOST_FILES = 200
DEEPEST = 50


class LoadedFile(Struct, eq=False):
    """A parsed file with the names it defines."""

    source: SourceText
    path: Path | None
    parsed: tree.File
    scope: FileScope
    sections: list[tree.Section] = field(default_factory=list)
    """The sections that are not models, in order."""

    constants: list[tree.Assign] = field(default_factory=list)
    uses: list[tree.Use] = field(default_factory=list)
    imports: list[LoadedFile] = field(default_factory=list)


def kept_texts(file: LoadedFile) -> dict[str, str]:
    """A spec and all that it imports, by their paths in a folder that holds them all."""
    folder = _common(file)
    found = {kept_name(file): file.source.text}
    for each in _imports(file):
        assert each.path is not None
        found[each.path.relative_to(folder).as_posix()] = each.source.text
    return found


def kept_name(file: LoadedFile) -> str:
    """The path of the spec itself among its `kept_texts`."""
    return "spec.nnspec" if file.path is None else file.path.relative_to(_common(file)).as_posix()


def _common(file: LoadedFile) -> Path:
    folders = {each.path.parent for each in (file, *_imports(file)) if each.path is not None}
    return Path(os.path.commonpath(folders or {Path.cwd()}))


def _imports(file: LoadedFile) -> Iterator[LoadedFile]:
    pending = [*file.imports]
    while pending:
        each = pending.pop()
        yield each
        pending += each.imports


class _Members(Mapping[str, Value]):
    """What a file defines, its constants included, which are evaluated after it was read."""

    def __init__(self, scope: FileScope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Value:
        return self._scope.names[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.names)

    def __len__(self) -> int:
        return len(self._scope.names)


class Loader:
    """Reads a file and all that it imports; nothing outside of the project's root.

    Imported files are called by their way from the first one, however that was reached.
    """

    def __init__(
        self,
        root: Path,
        collector: Collector,
        sections: tuple[str, ...],
        change: Callable[[tree.File], tree.File] = lambda file: file,
    ) -> None:
        """``change`` is applied to the tree of the first file, before anything reads it."""
        self.change = change
        self.root = root.resolve()
        self.collector = collector
        self.sections = sections
        self.loaded: dict[Path, LoadedFile] = {}
        self.running: list[Path] = []
        self.folder: Path | None = None
        """That of the first file."""

        self.shown = Path()
        """How the user called it."""

    def load(self, source: SourceText, path: Path | None) -> LoadedFile:
        """Parse a text and join its imports."""
        parsed = parse(source, self.collector)
        first = self.folder is None
        if first:
            parsed = self.change(parsed)
            self.folder = path.parent if path is not None else Path.cwd()
            self.shown = Path(source.name).parent
        scope = FileScope("" if path is None or first else self._way(path).as_posix())
        file = LoadedFile(source, path, parsed, scope)
        if path is not None:
            self.running.append(path)
        for statement in file.parsed.body:
            self._statement(file, statement)
        if path is not None:
            self.running.pop()
            self.loaded[path] = file
        return file

    def _statement(self, file: LoadedFile, statement: tree.Statement) -> None:
        match statement:
            case tree.Import():
                self._import(file, statement)
            case tree.Use():
                file.uses.append(statement)
            case tree.Section(word=tree.Name(id="model")):
                self._model(file, statement)
            case tree.Section(word=word):
                if word.id in self.sections:
                    file.sections.append(statement)
                else:
                    self._unknown_section(file, statement)
            case tree.Assign(kind=None):
                file.constants.append(statement)
            case tree.Assign(kind=tree.Name() as kind):
                self._report(
                    errors.UNKNOWN_STATEMENT,
                    f"`{kind.id}` does not stand at the top of a file",
                    kind.span,
                    "outside of a section",
                    help="put it between the braces of a `model` or a `train` section",
                )
            case _:
                self._report(
                    errors.UNKNOWN_STATEMENT,
                    "only sections, constants, imports and `use` stand at the top of a file",
                    statement.span,
                    "does not stand here",
                    help="put it into a `model` or a `train` section",
                )

    def _unknown_section(self, file: LoadedFile, section: tree.Section) -> None:
        word, name = section.word, section.name
        if name is not None:  # uses of it are not mistakes of their own
            file.scope.names.setdefault(name.id, Binding(POISON, name.span, "a section"))
        known = ("model", *self.sections)
        listed = ", ".join(f"`{each}`" for each in known)
        self._report(
            errors.UNKNOWN_SECTION,
            f"there is no section `{word.id}`",
            word.span,
            "unknown",
            help=did_you_mean(word.id, known) or f"sections are {listed}",
        )

    def _model(self, file: LoadedFile, section: tree.Section) -> None:
        if section.name is None:
            self._report(
                errors.UNKNOWN_SECTION,
                "a model needs a name",
                section.head,
                "which model?",
                help="such as `model Net { ... }`",
            )
            return
        definition = define(section, file.scope, self.collector)
        recipe = Recipe(definition, (), section.name.span, section.name.id)
        self._bind(file, section.name, Binding(recipe, section.name.span, "a model"))

    def _bind(self, file: LoadedFile, name: tree.Name, binding: Binding) -> None:
        before = file.scope.names.get(name.id)
        if before is not None:
            self._report(
                errors.DEFINED_TWICE,
                f"`{name.id}` is defined twice",
                name.span,
                "the second definition",
                labels=(Label(before.span, "the first one"),),
                help="give one of them another name",
            )
            return
        file.scope.names[name.id] = binding

    # --- imports -------------------------------------------------------------------------------

    def _import(self, file: LoadedFile, statement: tree.Import) -> None:
        imported = self._imported(file, statement)
        value: Value = POISON
        if imported is not None:
            file.imports.append(imported)
            value = Namespace(statement.alias.id, _Members(imported.scope))
        self._bind(file, statement.alias, Binding(value, statement.alias.span, "an imported file"))

    def _imported(self, file: LoadedFile, statement: tree.Import) -> LoadedFile | None:
        """The file that a statement imports, read once; ``None`` where that was refused."""
        path = self._resolve(file, statement)
        if path is None:
            return None
        if path in self.running:
            chain = [*self.running[self.running.index(path) :], path]
            itself = len(chain) == 2
            self._report(
                errors.IMPORT_CYCLE,
                "the file imports itself"
                if itself
                else f'"{statement.path.value}" imports this file, directly or over others',
                statement.path.span,
                "this file" if itself else " -> ".join(each.name for each in chain),
                help="models of one file see each other without an import"
                if itself
                else "move what both files need into a third one",
            )
            return None
        imported = self.loaded.get(path)
        if imported is None:
            deep = len(self.running) >= DEEPEST
            if deep or len(self.loaded) + len(self.running) >= MOST_FILES:
                self._report(
                    errors.BAD_IMPORT,
                    f"imports are nested more than {DEEPEST} deep"
                    if deep
                    else f"more than {MOST_FILES} files are imported",
                    statement.path.span,
                    "the limit is passed here",
                    help="join some of the files",
                )
                return None
            try:
                source = read_source(path, os.path.normpath(self.shown / self._way(path)))
            except SpecError as error:
                self.collector.extend(error.diagnostics)
                return None
            imported = self.load(source, path)
        return imported

    def _resolve(self, file: LoadedFile, statement: tree.Import) -> Path | None:
        """The imported path, inside the project's root with links resolved."""
        text = statement.path.value
        span = statement.path.span
        hint = "the path is relative to this file and stays inside the project"
        if "://" in text or "\0" in text or text.startswith(("/", "~")) or "\\" in text:
            what = "an address" if "://" in text else "not a relative path"
            self._report(errors.BAD_IMPORT, f'"{text}" cannot be imported', span, what, help=hint)
            return None
        folder = file.path.parent if file.path is not None else Path.cwd()
        try:
            path = (folder / text).resolve()
        except (OSError, RuntimeError):  # a loop of links
            path = folder / text
        if not path.is_relative_to(self.root):
            self._report(
                errors.BAD_IMPORT,
                f'"{text}" leaves the project',
                span,
                "outside of the project's folder",
                help=hint,
            )
            return None
        if not path.is_file():
            near = did_you_mean(path.name, [each.name for each in path.parent.glob("*.nnspec")])
            self._report(
                errors.BAD_IMPORT,
                f'there is no file "{text}"',
                span,
                "not found",
                help=near or "the path is relative to the file that imports",
            )
            return None
        return path

    def _way(self, path: Path) -> Path:
        """From the folder of the first file."""
        assert self.folder is not None
        return Path(os.path.relpath(path, self.folder))

    def _report(
        self,
        code: Code,
        message: str,
        span: Span,
        label: str,
        *,
        help: str | None = None,
        labels: tuple[Label, ...] = (),
    ) -> None:
        if not Broken.of(self.collector.diagnostics).holds(span):
            self.collector.report(Diagnostic(code, message, span, label, labels=labels, help=help))
