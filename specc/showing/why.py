"""``specc plan --why PATH``: the line, the override or the default that a setting comes from."""

from __future__ import annotations

from collections.abc import Sequence

from specc.diagnostics import Span, closest
from specc.diagnostics.excerpt import Marked, excerpt, last_line
from specc.diagnostics.paint import Paint
from specc.planning import Planned
from specc.showing.component import plain_text
from specc.showing.plan import Origin, Setting
from specc.showing.written import COMMAND_LINE, Written


class NoSuchSetting(LookupError):
    """There is no setting of that path; ``hint`` names the nearest."""

    def __init__(self, path: str, hint: str | None) -> None:
        super().__init__(path)
        self.hint = hint


def pick(settings: Sequence[Setting], path: str) -> Setting:
    """The setting that a path means; ``optimizer.lr`` is short for ``train.optimizer.lr``."""
    found = [each for each in settings if each.path == path]
    found = found or [each for each in settings if each.path.endswith(f".{path}")]
    if len(found) != 1:
        known = [each.path for each in settings]
        known += [each.path.partition(".")[2] for each in settings]
        raise NoSuchSetting(path, closest(path, known))
    return found[0]


def why(
    planned: Planned, setting: Setting, overrides: Sequence[str] = (), color: bool = False
) -> str:
    """Where a setting comes from, with the lines that say it."""
    paint = Paint(color)
    value = setting.value if isinstance(setting.value, str) else plain_text(setting.value)
    rows = [paint(f"{setting.path} = {value}", "strong")]
    words = setting.path.split(".")
    written = Written(planned)
    names = _names(planned, words)
    places: list[Marked] = []
    if setting.place is not None and setting.origin is Origin.OVERRIDE:
        said = setting.place.source.text.strip()
        text = next((o for o in reversed(overrides) if o.endswith(said)), said)
        rows.append(f"  set by {text} on the command line")
        before = written.before(words, names)
        if before is not None:
            places.append(Marked(before, "what the file says", primary=True))
    elif setting.place is not None:
        label = "set here" if setting.origin is Origin.SPEC else setting.note
        places.append(Marked(setting.place, label, primary=True))
    else:
        said = {
            Origin.DEFAULT: "nothing sets it; it is the",
            Origin.DATA: "it follows from the rest:",
            Origin.MACHINE: "it is chosen for this machine:",
        }.get(setting.origin, setting.origin.value)
        rows.append(f"  {said} {setting.note or 'default'}")
    for span in written.constants(words, names):
        if span.source.name == COMMAND_LINE:
            rows.append(f"  with {span.source.text.strip()} from the command line")
        else:
            places.append(Marked(span, "the constant", primary=not places))
    if places:
        rows += _excerpts(places, paint)
    return "\n".join(rows) + "\n"


def _names(planned: Planned, words: Sequence[str]) -> list[str]:
    """The parameters of the component or the model that the words lead to."""
    for part in planned.train.steps:
        word = next((w for w in words[1:] if w != part.name), "")
        component = {"optimizer": part.optimizer, "schedule": part.schedule}.get(word)
        if component is not None and (not part.name or part.name in words):
            return list(type(component).model_fields)
    instance = planned.train.instances.get(words[1] if len(words) > 1 else "")
    if instance is not None and instance.variant is not None:
        parameters = instance.variant.definition.section.parameters or ()
        return [parameter.name.id for parameter in parameters]
    return []


def _excerpts(places: Sequence[Marked], paint: Paint) -> list[str]:
    gutter = len(str(last_line(places)))
    rows: list[str] = []
    for source in dict.fromkeys(place.span.source for place in places):
        here = [place for place in places if place.span.source is source]
        first: Span = here[0].span
        rows.append(f"{' ' * gutter}{paint('-->', 'frame')} {first}")
        rows.append(excerpt(source, here, gutter, paint, "second"))
    return rows
