"""Models as they are defined, with the names of their submodules."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from specc.analysis import errors_names as errors
from specc.analysis.reading import nodes, read_as_tensors
from specc.diagnostics import Collector, Diagnostic, Label, Span
from specc.syntax import tree

if TYPE_CHECKING:
    from specc.analysis.values import Value

# Attributes of `torch.nn.Module`, written out because torch is not imported here; a test compares.
MODULE_ATTRIBUTES = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)

# A submodule of one of these names would look like a tensor of the module in the state dict.
TENSOR_KEYS = frozenset({"weight", "bias"})


class Binding(Struct, frozen=True):
    """A name's value and where it was bound; a ``fixed`` name says what it is in a few words."""

    value: Value
    span: Span
    fixed: str = ""


class FileScope(Struct, eq=False):
    """The names that every section of a file sees: constants, models, imported files.

    ``file`` is its path in the project, empty for the file that is compiled: what is made of a spec
    does not depend on how it was called.
    """

    file: str = ""
    names: dict[str, Binding] = field(default_factory=dict)


class ModelDefinition(Struct, eq=False):
    """One ``model`` section. Compared by identity: two files may define the same name."""

    name: str
    section: tree.Section
    scope: FileScope
    attributes: Mapping[int, str]
    """The submodule name of each application site, by the identity of its tree node."""

    loops: Mapping[int, str]
    """A name for each loop, by the identity of its tree node."""

    tensors: frozenset[str]
    """Names that only ever stand for one tensor."""

    @property
    def key(self) -> str:
        return f"{self.scope.file}:{self.name}" if self.scope.file else self.name


def snake_case(name: str) -> str:
    """``ResNet18`` -> ``res_net18``; ``conv2d`` stays."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def last_name(target: tree.Node) -> tree.Name | None:
    """The name that an applied expression ends in: ``blocks.Residual(64)`` -> ``Residual``."""
    match target:
        case tree.Call(func=func):
            return last_name(func)
        case tree.Attribute(name=name) | (tree.Name() as name):
            return name
        case tree.Paren(inner=inner):
            return last_name(inner)
        case _:
            return None


def define(section: tree.Section, scope: FileScope, collector: Collector) -> ModelDefinition:
    """The definition of a ``model`` section; bad and repeated labels are reported."""
    assert section.name is not None
    _once(section.parameters or (), collector)
    names = _Names(collector)
    found = list(nodes(section.body))
    for node in found:
        if isinstance(node, tree.Stage) and node.label is not None:
            names.take_label(node, node.label)
        elif isinstance(node, tree.Assign) and node.kind is not None and node.kind.id == "shared":
            for target in node.targets:
                names.take_label(target, target)
    for node in found:
        if isinstance(node, tree.Stage) and node.label is None:
            last = last_name(node.target)
            names.derive(node, snake_case(last.id) if last else "layer")
    for node in found:
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Call):
            names.derive(node.value, node.targets[0].id)
    for node in found:
        if isinstance(node, tree.Call) and (last := last_name(node)) is not None:
            names.derive(node, snake_case(last.id))
    loops = [n for n in found if isinstance(n, (tree.For, tree.Repeat))]
    return ModelDefinition(
        section.name.id,
        section,
        scope,
        names.by_node,
        {id(node): f"loop{number}" for number, node in enumerate(loops, 1)},
        read_as_tensors(found),
    )


def _once(parameters: Iterable[tree.Parameter], collector: Collector) -> None:
    """Report parameters that are declared twice."""
    first: dict[str, Span] = {}
    for parameter in parameters:
        name = parameter.name
        if name.id in first:
            collector.report(
                Diagnostic(
                    errors.DEFINED_TWICE,
                    f"there are two parameters `{name.id}`",
                    name.span,
                    "the second one",
                    labels=(Label(first[name.id], "the first one"),),
                    help="give one of them another name",
                )
            )
        first.setdefault(name.id, name.span)


class _Names:
    """Gives each application site a name that is unique in its model."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.by_node: dict[int, str] = {}
        self.taken: dict[str, Span] = {}
        self.numbers: dict[str, int] = {}
        """The last number of each derived name: those before it are taken."""

    def take_label(self, node: tree.Node, label: tree.Name) -> None:
        reason = refused_label(label.id)
        if reason:
            self.collector.report(
                Diagnostic(
                    errors.BAD_LABEL,
                    f"`{label.id}` cannot name a submodule",
                    label.span,
                    reason,
                    help=f"choose another name, such as `{label.id.strip('_')}_layer`",
                )
            )
        elif label.id in self.taken:
            self.collector.report(
                Diagnostic(
                    errors.BAD_LABEL,
                    f"`{label.id}` names two submodules",
                    label.span,
                    "the second one",
                    labels=(Label(self.taken[label.id], "the first one"),),
                    help="give each its own name, or apply one `shared` instance twice",
                )
            )
        self.taken.setdefault(label.id, label.span)
        self.by_node[id(node)] = label.id

    def derive(self, node: tree.Node, base: str) -> None:
        if id(node) in self.by_node:
            return
        if refused_label(base):
            base += "_layer"
        number = self.numbers.get(base, 1)
        name = base if number == 1 else f"{base}_{number}"
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.numbers[base] = number
        self.taken[name] = node.span
        self.by_node[id(node)] = name


def refused_label(name: str) -> str:
    """Why a submodule cannot have this name, or nothing."""
    if keyword.iskeyword(name) or name == "self":
        return "is a word of Python"
    if name.startswith("_"):
        return "starts with an underscore, as the inner attributes of torch.nn.Module do"
    if name in MODULE_ATTRIBUTES:
        return "is an attribute of torch.nn.Module"
    if name in TENSOR_KEYS:
        return "would read as a tensor in the keys of the state dict"
    return ""
