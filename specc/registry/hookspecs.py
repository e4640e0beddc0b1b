"""What a plugin can add to specc. Every hook's docstring is a plugin that works as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from specc.components import Component
    from specc.registry.records import Lazy

PROJECT = "specc"

SPECC_API = 1
"""The version of these hooks. A plugin states the one it was written for as ``specc_api``."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def specc_components() -> Iterable[Lazy | type[Component]]:
    """Components that a spec can name: layers, losses, transforms, sources, backends and so on.

    Save this as ``swish.py``, and ``specc check --plugin ./swish.py net.nnspec`` knows the layer
    ``swish``::

        from specc.components import FunctionLayer
        from specc.registry import hookimpl

        specc_api = 1


        class Swish(FunctionLayer):
            '''``x * sigmoid(x)``.'''

            signature = "float[...] -> float[...]"
            target = "torch.nn.functional.silu"


        @hookimpl
        def specc_components():
            yield Swish

    The name in a spec is that of the class in snake case (``GRUCell`` is ``gru_cell``). A class
    that is slow to import is better named than given; it is imported when a spec uses it::

        yield Lazy("swish", "layer", "my_package.swish:Swish")

    A distribution registers the module that has the hook under the entry-point group ``specc``::

        [project.entry-points.specc]
        swish = "my_package.plugin"

    and lists its components there, so that a spec which lacks the ``use`` is told of it without an
    import of the plugin::

        [project.entry-points."specc.names"]
        swish = "swish"

    A spec says ``use swish``. A name of the core cannot be replaced: a component called
    ``relu`` is reached as ``swish.relu``.
    """
    raise NotImplementedError
