"""Elements of the page. Text is escaped when it is written out, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

Element = ET.Element
Child = str | Element | Iterable["Child"] | None

_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
"""Characters that no page may hold, and those that turn the direction of what follows."""


def el(tag: str, /, *children: Child, **attributes: object) -> Element:
    """An element; ``None`` and ``False`` leave an attribute out, ``class_`` is ``class`` and
    ``aria_label`` is ``aria-label``."""
    words = {
        name.rstrip("_").replace("_", "-"): "" if value is True else _plain(str(value))
        for name, value in attributes.items()
        if value is not None and value is not False
    }
    made = ET.Element(tag, words)
    for child in children:
        _add(made, child)
    return made


def _add(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, ET.Element):
        parent.append(child)
    elif isinstance(child, str):
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + _plain(child)
        else:
            parent.text = (parent.text or "") + _plain(child)
    else:
        for each in child:
            _add(parent, each)


def _plain(text: str) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def svg(width: float, height: float, label: str, *children: Child, **attributes: object) -> Element:
    """A picture that fills its place; ``label`` says what a person sees on it."""
    made = el("svg", *children, role="img", aria_label=label, **attributes)
    made.set("viewBox", f"0 0 {width:g} {height:g}")
    return made


def parsed_svg(text: str) -> Element:
    """A picture that was written as a document of its own."""
    root = ET.fromstring(text)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def page(title: str, style: str, body: Iterable[Child]) -> str:
    """A whole page, which refers to nothing outside itself."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", style),
    )
    root = el("html", head, el("body", body), lang="en")
    return "<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html") + "\n"
