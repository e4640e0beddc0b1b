"""What ``specc show`` is asked for: the models of a file, or a component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from specc import stdlib
from specc.analysis.errors_names import UNKNOWN_COMPONENT
from specc.compiler import Request
from specc.diagnostics import Diagnostic, SpecError, did_you_mean
from specc.registry import Entry, PluginOptions, build_registry, find_project, load_plugins
from specc.showing.component import render_component, show_component
from specc.showing.graph import graph_of
from specc.showing.graph_svg import svg
from specc.showing.graph_text import dot, mermaid
from specc.showing.models import Chosen, choose, show_models
from specc.showing.tables import render_models

_DRAWN = {"svg": svg, "mermaid": mermaid, "dot": dot}


@dataclass(frozen=True)
class Subject:
    """Either some models or one component."""

    name: str
    chosen: tuple[Chosen, ...] = ()
    entry: Entry | None = None
    warnings: tuple[Diagnostic, ...] = ()

    @staticmethod
    def find(
        name: str, plugins: PluginOptions, model: str | None, sizes: Mapping[str, int]
    ) -> Subject:
        """A file where there is one of that name, else a component.

        Raises:
            SpecError: if it is neither, or the file has mistakes.
        """
        if name == "-" or Path(name).exists():
            chosen = choose(Request(name, plugins=plugins), model, sizes)
            return Subject(name, tuple(chosen), None, chosen[0].spec.warnings if chosen else ())
        plugins = replace(plugins, project=plugins.project or find_project(Path.cwd()))
        registry, notes = load_plugins(build_registry([stdlib]), [], plugins)
        entry = registry.find(name)
        if entry is not None:
            return Subject(name, (), entry, tuple(notes))
        what = "file" if "/" in name or name.endswith(".nnspec") else "file and no component"
        raise SpecError(
            Diagnostic(
                UNKNOWN_COMPONENT,
                f"there is no {what} `{name}`",
                None,
                help=did_you_mean(name, registry.names()),
            )
        )

    def text(self, color: bool) -> str:
        """A page or a table for people."""
        if self.entry is not None:
            return render_component(show_component(self.entry), color)
        return render_models(show_models(self.chosen), color)

    def to_json(self) -> dict[str, Any]:
        """The same for machines."""
        if self.entry is not None:
            return show_component(self.entry).to_json()
        return {
            "file": self.name,
            "models": [model.to_json() for model in show_models(self.chosen)],
        }

    def graph(self, form: str) -> str:
        """A model drawn: the one that was chosen, or the only one, or the first that is trained."""
        if not self.chosen:
            raise SpecError(
                Diagnostic(UNKNOWN_COMPONENT, f"`{self.name}` has no model to be drawn", None)
            )
        trained = [
            each
            for each in self.chosen
            for train in each.spec.compiled.sections.trains.values()
            if train.model is not None and train.model.recipe.target is each.variant.definition
        ]
        return _DRAWN[form](graph_of((trained or list(self.chosen))[0].variant))
