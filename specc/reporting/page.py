"""The page as a whole: what each part is made of, and where it stands."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from specc import __version__
from specc.planning import Planned
from specc.reporting import confusion, curves, examples, residuals, tables
from specc.reporting.figures import Counts, Gathered
from specc.reporting.headline import facts, headline
from specc.reporting.judged import Judged, judged
from specc.reporting.markup import Child, Element, el, page
from specc.reporting.standing import Standing, standing
from specc.training.folder import RunFolder
from specc.training.report import Report

PAGE = "report.html"


def write_report(planned: Planned, run: Path) -> Path:
    """Write ``report.html`` into the folder of a run that has some weights; ``planned`` is its
    plan. Gives the path of the page.

    Raises:
        FileRefused: if the run has no weights yet, or they are damaged.
    """
    at = standing(run)
    text = report_page(planned, at, judged(planned, at))
    RunFolder(run).write(PAGE, text)
    return run / PAGE


def report_when_over(planned: Planned, run: Path, report: Report | None) -> None:
    """The page of a run that is finished: whatever keeps it from being made, the run stands."""
    try:
        write_report(planned, run)
    except OSError as error:
        (report or Report()).note(f"no {PAGE}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - a bug here must not look like a run that failed
        reason = f"{type(error).__name__}: {error}"
        note = f"no {PAGE}: {reason}. This is a bug in specc; `specc report {run}` shows it again"
        (report or Report()).note(note)


def report_page(planned: Planned, at: Standing, found: Judged) -> str:
    """The whole page as text."""
    drawn = curves.curves_of(at.records)
    chosen = at.epoch if at.told.get("keep") is not None else None
    parts: list[tuple[str, list[Child]]] = []
    if drawn:
        cards = el("div", [curves.draw(curve, chosen) for curve in drawn], class_="cards")
        parts.append(("Curves", [cards, curves.table(at.records)]))
    figures = [figure for each in found.figures for figure in _figure(each)]
    if figures:
        parts.append((f"Predictions on the {found.split} split", list(figures)))
    parts.append(("Worst examples", _examples(planned, found)))
    parts.append(("Model", list(tables.models(planned))))
    parts.append(("Plan", [tables.plan(planned, at.told)]))
    parts.append(("Environment", [tables.environment(at.told)]))
    links = [el("a", title, href=f"#{_anchor(title)}") for title, _ in parts]
    sections = [
        el("section", el("h2", title, id=_anchor(title)), children) for title, children in parts
    ]
    name = f"{at.path.parent.name} run {at.path.name}"
    notes = [el("p", note, class_="quiet") for note in facts(at.told)]
    foot = el("footer", f"specc {__version__} · {at.path}")
    body = [headline(planned, at, drawn), el("nav", links), el("main", notes, sections), foot]
    style = resources.files("specc.reporting").joinpath("page.css").read_text(encoding="utf-8")
    return page(f"{name} · specc", style, body)


def _anchor(title: str) -> str:
    return title.partition(" ")[0].lower()


def _figure(gathered: Gathered) -> list[Element]:
    drawn = gathered.drawn
    if isinstance(gathered, Counts):
        return [confusion.draw(confusion.matrix(gathered), drawn.title)]
    right, predicted = gathered.values()
    return [residuals.draw(right, predicted, drawn.title, gathered.every)] if len(right) else []


def _examples(planned: Planned, found: Judged) -> list[Child]:
    among = "" if found.looked_at == found.rows else f", among the first {found.looked_at:,}"
    said = f"The rows of the {found.split} split with the highest {found.loss}{among}."
    cards = examples.cards(planned, found)
    return [el("p", said, class_="quiet"), el("div", cards, class_="cards small")]
