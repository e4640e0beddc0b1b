"""The other names of our components lead to components that are there."""

from __future__ import annotations

from specc import stdlib
from specc.registry.loading import build_registry
from specc.stdlib.known_as import KNOWN_AS

REGISTRY = build_registry([stdlib])


def test_every_other_name_leads_to_a_component_and_is_none_itself() -> None:
    for kind, others in KNOWN_AS.items():
        names = set(REGISTRY.names([kind]))
        for word, right in others.items():
            assert right in names, (kind, word, right)
            assert word not in names, (kind, word)
            assert REGISTRY.known_as(word.title(), [kind]) == right


def test_other_words_lead_to_fields_of_some_component() -> None:
    unled: dict[tuple[str, str], bool] = {}
    for entry in REGISTRY.entries:
        cls = entry.load()
        for base in cls.__mro__:
            for word, field in vars(base).get("other_words", {}).items():
                led = (base.__name__, word)
                unled[led] = unled.get(led, True) and field not in cls.model_fields
    assert unled
    assert [led for led, dead in unled.items() if dead] == []
