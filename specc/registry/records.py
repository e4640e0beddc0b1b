"""What the registry holds: who supplies a component, and how to get at its class."""

from __future__ import annotations

import importlib
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from specc.diagnostics import Diagnostic, Span, SpecError
from specc.registry.errors import COMPONENT_NOT_LOADED
from specc.registry.guard import StrangerError, guarded

if TYPE_CHECKING:
    from specc.components import Component

CORE = "specc"
"""The plugin name of the core itself."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


class Owner(Struct, frozen=True):
    """Who supplies a component.

    ``plugin`` is the name after ``use`` and before the dot of ``plugin.name``; a plugin that is a
    single file has its path as ``distribution`` and no ``version``.
    """

    plugin: str
    distribution: str
    version: str
    is_core: bool = False

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".rstrip()


class Lazy(Struct, frozen=True):
    """A component by name: ``Lazy("conv2d", "layer", "specc.stdlib.layers.conv2d:Conv2d")``.

    ``known_as`` are other names that people look for it under: a spec that uses one of them is told
    the right one.

    Raises:
        ValueError: if one of these is not well-formed.
    """

    name: str
    kind: str
    target: str
    known_as: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_words(self.name, self.kind, self.known_as)
        if not isinstance(self.target, str) or not _TARGET.fullmatch(self.target):
            raise ValueError(f"{self.target!r} is not the target of a component, `module:Class`")


class Entry(Struct, frozen=True, eq=False, dict=True):
    """A registered component. ``target`` is its class, or the ``module:Class`` to import."""

    name: str
    kind: str
    owner: Owner
    target: str | type[Component]
    known_as: tuple[str, ...] = ()

    @property
    def qualified(self) -> str:
        """The name that means this component whatever else is registered: ``plugin.name``."""
        return f"{self.owner.plugin}.{self.name}"

    def load(self, span: Span | None = None) -> type[Component]:
        """The class, imported when it is first asked for.

        ``span`` is the place in the spec that a failure is reported at.

        Raises:
            SpecError: if a plugin does not have what it registered.
        """
        found = self._outcome
        if not isinstance(found, str):
            return found
        raise SpecError(
            Diagnostic(
                COMPONENT_NOT_LOADED,
                f"`{self.name}` of {self.owner} cannot be loaded",
                span,
                label=found,
                help=f"this is a fault of {self.owner}: another version of it may work",
            )
        )

    @cached_property
    def _outcome(self) -> type[Component] | str:
        """The class, or why there is none; kept, so that a plugin that hangs does so once."""
        if isinstance(self.target, type):
            return self.target
        if self.owner.is_core:  # what goes wrong here is a bug, and is to be seen as one
            return self._checked(_import(self.target))
        try:
            return guarded(lambda: self._checked(_import(str(self.target))))
        except StrangerError as error:
            return error.reason

    def _checked(self, found: Any) -> type[Component]:
        from specc.components import Component

        if not (isinstance(found, type) and issubclass(found, Component)):
            raise TypeError(f"{self.target} is not a class of components")
        if found.kind != self.kind:
            raise TypeError(f"{self.target} is a {found.kind}, but was registered as {self.kind}")
        check_class(found)
        return found


def check_class(cls: type[Component]) -> None:
    """Raise a `TypeError` unless a component says what the analysis asks of its kind."""
    from specc.components import TensorComponent
    from specc.types.notation import SignatureError, parse

    name = component_name(cls)
    if issubclass(cls, TensorComponent):
        signature = getattr(cls, "signature", None)
        if not isinstance(signature, str):
            raise TypeError(f'`{name}` has no `signature`, such as "float[...] -> float[...]"')
        try:
            parse(signature)
        except SignatureError as error:
            raise TypeError(f"the signature of `{name}` is wrong: {error}") from error
    target = getattr(cls, "target", None)
    if isinstance(target, str) and not _DOTTED.fullmatch(target):
        raise TypeError(f"the target of `{name}` has no module: {target!r}")


def check_words(name: object, kind: object, known_as: object = ()) -> None:
    """Raise a `ValueError` unless a spec can say the names, and ``kind`` is a word as well."""
    if not isinstance(known_as, tuple):
        raise ValueError(f"{known_as!r} are not other names of `{name}`")
    others = (("other name", word) for word in known_as)
    for what, value in (("name", name), ("kind", kind), *others):
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise ValueError(f"{value!r} is not the {what} of a component")


def component_name(cls: type) -> str:
    """The name of a component class in a spec: ``BatchNorm2d`` is ``batch_norm2d``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__)
    return words.lower()


def _import(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)
