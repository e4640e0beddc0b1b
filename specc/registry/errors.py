"""What can go wrong with plugins and the names they supply."""

from __future__ import annotations

from specc.diagnostics import Code

NO_SUCH_PLUGIN = Code(
    "E0250",
    "no such plugin",
    """The spec or the command line names a plugin that may not be loaded here: it is not installed,
or `-p no:NAME` keeps it out.

A plugin is an installed distribution with an entry point in the group `specc`, or a single file
that is given with `--plugin FILE` or listed under `[tool.specc] plugins` in pyproject.toml.
`specc plugins` lists what is there.""",
)

SEVERAL_OWNERS = Code(
    "E0251",
    "several plugins supply one name",
    """Two distributions register a component, or a plugin, under one name, and nothing says which
is meant. specc does not choose.

Wrong:  x |> fourier(16)                       # in specc-signal and in specc-waves
Right:  x |> signal.fourier(16)""",
)

COMPONENT_NOT_LOADED = Code(
    "E0252",
    "a component of a plugin cannot be loaded",
    """A plugin registered a component, but importing it failed, took too long, or gave something
that is not a component of the kind it was registered as. The fault is in the plugin; the message
names its distribution and version.""",
)

BAD_PLUGIN_FILE = Code(
    "E0253",
    "a plugin file cannot be read",
    """The file given with `--plugin`, or listed under `[tool.specc] plugins` in pyproject.toml, is
not there or cannot be read. Paths in pyproject.toml are relative to it.""",
)

BAD_PROJECT = Code(
    "E0254",
    "[tool.specc] in pyproject.toml is wrong",
    """The table `[tool.specc]` has one key, `plugins`: a list of strings, each the name of an
installed plugin or the path of a Python file.

[tool.specc]
plugins = ["./my_layers.py", "text"]""",
)

OTHER_VERSION = Code(
    "E0255",
    "another version of a plugin is needed",
    """The spec says which versions of a plugin it needs, and the installed one is not among them.

use text >= 1.2""",
)

PLUGIN_FAILED = Code(
    "W0250",
    "a plugin could not be loaded",
    """A plugin raised, exited, took too long or registered nonsense. Nothing of it is used, and
everything else works. The fault is in the plugin; the message names its distribution and version.
`specc plugins` shows the state of all plugins.""",
)

OTHER_API = Code(
    "W0251",
    "a plugin is written for another specc",
    """A plugin states the version of the hooks that it is written for as `specc_api = 1`. This one
states none, or one that this specc does not have. Nothing of it is used.""",
)

CORE_NAME = Code(
    "W0252",
    "a plugin may not replace a core name",
    """A plugin registers a name that the core has. The name goes on meaning what the core means by
it; the plugin's component is reached with the plugin's name before the dot: `my_plugin.relu`.""",
)

NOT_TRUSTED = Code(
    "W0253",
    "a plugin file waits for approval",
    """A project can list Python files as plugins in its pyproject.toml. They run on your machine,
and a cloned project is not a reason to trust it: each file is loaded only after you have read it
and said `specc plugins trust FILE`. A file that has changed since has to be approved again.""",
)
