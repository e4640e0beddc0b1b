"""All sections of a file, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from pydantic import BaseModel

from specc.analysis import errors_names as errors
from specc.analysis.columns import DataSection
from specc.analysis.data_section import check_data
from specc.analysis.export_section import ExportSection, check_export
from specc.analysis.files import LoadedFile
from specc.analysis.frame import Context
from specc.analysis.models import Models
from specc.analysis.train_section import check_train
from specc.analysis.train_values import TrainSection
from specc.diagnostics import Diagnostic, Label
from specc.syntax import tree


class Sections(Struct, eq=False):
    """The sections of a file, by name."""

    data: dict[str, DataSection] = field(default_factory=dict)
    trains: dict[str, TrainSection] = field(default_factory=dict)
    exports: dict[str, ExportSection] = field(default_factory=dict)


def check_sections(
    file: LoadedFile,
    context: Context,
    models: Models,
    settings: type[BaseModel],
    step_settings: type[BaseModel],
    root: Path,
) -> Sections:
    """Check the data sections, then the train sections over their fields, then what leaves."""
    found = Sections()
    for section in _of(file.sections, "data"):
        if section.name is None:
            _report(
                context, section, "a data section needs a name", "such as `data Digits { ... }`"
            )
        elif _is_new(context, section, found.data):
            data = check_data(section, file.scope, context, models, root)
            found.data[data.name] = data
    trains = _of(file.sections, "train")
    context.trains = frozenset(each.name.id for each in trains if each.name is not None)
    for section in trains:
        if _is_new(context, section, found.trains):
            train = check_train(
                section,
                file.scope,
                context,
                models,
                found.data,
                found.trains,
                settings,
                step_settings,
            )
            found.trains[train.name] = train
    for section in _of(file.sections, "export"):
        if _is_new(context, section, found.exports):
            export = check_export(section, file.scope, context, models, found.trains.values())
            found.exports[export.name] = export
    return found


def _of(sections: Sequence[tree.Section], word: str) -> list[tree.Section]:
    return [section for section in sections if section.word.id == word]


def _is_new(
    context: Context,
    section: tree.Section,
    known: Mapping[str, DataSection | TrainSection | ExportSection],
) -> bool:
    name = section.name.id if section.name is not None else section.word.id
    first = known.get(name)
    if first is None:
        return True
    span = section.name.span if section.name is not None else section.word.span
    context.collector.report(
        Diagnostic(
            errors.DEFINED_TWICE,
            f"there are two `{section.word.id}` sections `{name}`",
            span,
            "the second one",
            labels=(Label(first.section.head, "the first one"),),
            help=f"give each a name of its own: `{section.word.id} Second {{ ... }}`",
        )
    )
    return False


def _report(context: Context, section: tree.Section, message: str, hint: str) -> None:
    context.collector.report(
        Diagnostic(errors.UNKNOWN_SECTION, message, section.head, "has no name", help=hint)
    )
