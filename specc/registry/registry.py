"""The components that a spec can name, as an immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from specc.diagnostics import Diagnostic, Span, SpecError
from specc.registry.errors import SEVERAL_OWNERS
from specc.registry.records import Entry


class Registry:
    """Entries by name. Nothing is imported to look one up.

    A bare name means the core's component if the core has one; else it must be one plugin's.
    ``plugin.name`` means that plugin's, always.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        by_name: dict[str, tuple[Entry, ...]] = {}
        for entry in entries:
            by_name[entry.name] = (*by_name.get(entry.name, ()), entry)
        self._by_name: Mapping[str, tuple[Entry, ...]] = MappingProxyType(by_name)
        self._names: dict[tuple[str, ...] | None, tuple[str, ...]] = {}
        self._known_as: dict[tuple[str, str], str] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, in the order they were registered."""
        return tuple(entry for named in self._by_name.values() for entry in named)

    def plus(self, entries: Iterable[Entry]) -> Registry:
        """A registry that has these entries as well."""
        return Registry((*self.entries, *entries))

    def has_core(self, name: str) -> bool:
        """Whether a bare name is the core's."""
        return any(entry.owner.is_core for entry in self._by_name.get(name, ()))

    def candidates(self, name: str, kinds: Sequence[str] | None = None) -> tuple[Entry, ...]:
        """What ``name`` or ``plugin.name`` can mean where these kinds are wanted, best first.

        A kind that stands earlier in ``kinds`` is better; ``None`` admits every kind.
        """
        plugin, _, bare = name.rpartition(".")
        owned = self._by_name.get(bare, ())
        if plugin:
            owned = tuple(entry for entry in owned if entry.owner.plugin == plugin)
        elif self.has_core(bare):
            owned = tuple(entry for entry in owned if entry.owner.is_core)
        if kinds is None:
            return owned
        wanted = [entry for entry in owned if entry.kind in kinds]
        return tuple(sorted(wanted, key=lambda entry: kinds.index(entry.kind)))

    def find(
        self, name: str, kinds: Sequence[str] | None = None, span: Span | None = None
    ) -> Entry | None:
        """The component that ``name`` or ``plugin.name`` means, or ``None``.

        Raises:
            SpecError: if several plugins supply the name; reported at ``span``.
        """
        found = self.candidates(name, kinds)
        owners = dict.fromkeys(entry.owner for entry in found)
        if len(owners) > 1:
            ways = " or ".join(f"`{entry.qualified}`" for entry in found)
            raise SpecError(
                Diagnostic(
                    SEVERAL_OWNERS,
                    f"`{name}` is supplied by {' and by '.join(map(str, owners))}",
                    span,
                    help=f"say which: {ways}",
                )
            )
        return found[0] if found else None

    def known_as(self, name: str, kinds: Sequence[str]) -> str | None:
        """The right name of a component of these kinds that is also looked for under ``name``."""
        if not self._known_as:
            for entry in self.entries:
                for word in entry.known_as:
                    self._known_as.setdefault((entry.kind, word.replace("_", "")), entry.name)
        wanted = name.replace("_", "").casefold()
        found = (self._known_as.get((kind, wanted)) for kind in kinds)
        return next((right for right in found if right is not None), None)

    def names(self, kinds: Sequence[str] | None = None) -> tuple[str, ...]:
        """Every bare name that means something where these kinds are wanted, sorted."""
        key = None if kinds is None else tuple(kinds)
        if key not in self._names:
            named = (name for name in self._by_name if self.candidates(name, kinds))
            self._names[key] = tuple(sorted(named))
        return self._names[key]
