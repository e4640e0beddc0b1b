"""The model, the plan and the environment as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from specc.planning import Planned
from specc.reporting.markup import Child, Element, el, parsed_svg
from specc.showing.graph import graph_of
from specc.showing.graph_svg import svg
from specc.showing.measures import CONVENTION
from specc.showing.models import Chosen, ShownLayer, ShownModel, show_models
from specc.showing.plan import Origin, Setting, settings_of
from specc.showing.tables import outputs_text, place_text
from specc.spec import Spec

LONGEST = 90


def models(planned: Planned) -> list[Element]:
    """The layers of each model that is trained, and its graph."""
    spec, found = Spec(planned.compiled), []
    for name, instance in planned.train.instances.items():
        assert instance.variant is not None
        (shown,) = show_models([Chosen(spec, instance.variant)])
        called = "" if name == "model" else f"{name}: "
        drawn = parsed_svg(svg(graph_of(instance.variant)))
        picture = el("div", drawn, class_="wide graph-box", tabindex=0)
        graph = el("details", el("summary", "The graph"), picture, open=True)
        found.append(el("div", _layers(shown, called), graph, class_="model"))
    return [*found, el("p", CONVENTION, class_="quiet")]


def _layers(shown: ShownModel, called: str) -> Element:
    head = [
        ("layer", ""),
        ("component", ""),
        ("output", ""),
        ("parameters", "number"),
        ("FLOPs", "number"),
    ]
    rows = [_input(name, text) for name, text in shown.inputs.items()]
    rows += list(_rows(shown.layers, 0))
    last = el(
        "tr",
        el("th", "total", scope="row", colspan=3),
        el("td", _count(shown.weights), class_="number"),
        el("td", _count(shown.flops), class_="number"),
    )
    title = el(
        "p", called, el("strong", shown.name), el("span", f" {shown.doc}" if shown.doc else "")
    )
    # What a command can be told instead is of no use here.
    notes = [el("p", note.partition(": --")[0], class_="quiet") for note in shown.notes]
    return el("div", title, el("div", _table(head, rows, last), class_="wide", tabindex=0), notes)


def _input(name: str, text: str) -> Element:
    return el(
        "tr", el("td", name), el("td", "input"), el("td", text, class_="code"), el("td"), el("td")
    )


def _rows(layers: Iterable[ShownLayer], depth: int) -> Iterable[Element]:
    for layer in layers:
        times = f" ×{layer.times}" if layer.times > 1 else ""
        is_function = layer.attribute is None
        yield el(
            "tr",
            el("td", place_text(layer), class_="code", style=f"padding-left:{0.6 + depth}em"),
            el("td", layer.component + times),
            el("td", outputs_text(layer.outputs), class_="code"),
            el("td", "" if is_function else _count(layer.parameters), class_="number"),
            el("td", "" if is_function else _count(layer.flops), class_="number"),
            class_="function" if is_function else None,
        )
        yield from _rows(layer.layers, depth + 1)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


# --- the plan ----------------------------------------------------------------------------------

_WORDS = {
    Origin.SPEC: "spec",
    Origin.OVERRIDE: "command line",
    Origin.DEFAULT: "default",
    Origin.DATA: "follows",
    Origin.MACHINE: "machine",
}


def plan(planned: Planned, told: Mapping[str, Any]) -> Element:
    """Every setting of the run, with where it came from. What was chosen for the machine is told by
    plan.json: the page may be made on another one."""
    head = [("setting", ""), ("value", ""), ("from", "")]
    rows: list[Element] = []
    settings = [setting for setting in settings_of(planned) if setting.origin is not Origin.MACHINE]
    execution = told.get("execution", {})
    settings += [Setting(f"execution.{n}", v, Origin.MACHINE) for n, v in execution.items()]
    for _, group in groupby(settings, key=lambda each: each.path.partition(".")[0]):
        for number, setting in enumerate(group):
            value = setting.shown
            cut = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
            chosen = setting.origin in (Origin.SPEC, Origin.OVERRIDE)
            kind = setting.origin.value if chosen else "unsaid"
            rows.append(
                el(
                    "tr",
                    el("td", setting.path, class_="code"),
                    el("td", cut, title=value if cut != value else None, class_="code"),
                    el("td", _tag(setting), class_="from"),
                    class_=f"{kind}{' first' if not number else ''}",
                )
            )
    return el("div", _table(head, rows), class_="wide", tabindex=0)


def _tag(setting: Setting) -> list[Child]:
    word = _WORDS[setting.origin]
    source = setting.source
    if setting.place is not None and setting.origin is Origin.SPEC:
        source = Path(source).name
    more = None if source in (word, setting.origin.value) else source
    return [
        el("span", word, class_=f"tag {setting.origin.value}"),
        el("span", more, class_="quiet"),
    ]


def environment(told: Mapping[str, Any]) -> Element:
    """What the run was computed with."""
    execution = told.get("execution", {})
    rows: list[tuple[str, str]] = [("device", str(execution.get("device", "")))]
    machine = told.get("machine", {})
    rows += [(name, str(value)) for name, value in machine.items() if value]
    rows.append(("threads", str(execution.get("threads", ""))))
    rows += [(name, str(version)) for name, version in told.get("versions", {}).items()]
    plugins = told.get("plugins", {})
    rows += [(f"plugin {name}", str(version)) for name, version in plugins.items()]
    if not plugins:
        rows.append(("plugins", "none"))
    items = [el("tr", el("th", name, scope="row"), el("td", value)) for name, value in rows]
    return el("table", el("tbody", items), class_="pairs")


def _table(
    head: Sequence[tuple[str, str]], rows: Sequence[Element], last: Element | None = None
) -> Element:
    titles = el("tr", [el("th", name, scope="col", class_=kind or None) for name, kind in head])
    foot = None if last is None else el("tfoot", last)
    return el("table", el("thead", titles), el("tbody", rows), foot)
