"""Running one component, and what can be seen of it from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from specc.components import Example, Loss, TensorComponent
from specc.testing.application import Application, apply, with_sizes
from specc.testing.drawing import disagreement, drawn
from specc.testing.examples import Trial, chosen_sizes
from specc.testing.interpreter import LoweredComponent, value_of
from specc.testing.wrapper import wrap
from specc.types.dim import Dim
from specc.types.elements import Element
from specc.types.tensor import TensorType


def locals_of(application: Application) -> list[str]:
    """The names of the tensors in what the component lowered to."""
    return [f"input_{name}" for name in application.inputs]


def module_of(application: Application, training: bool = False, seed: int = 1) -> nn.Module:
    """The component as a module, its weights drawn from ``seed``."""
    torch.manual_seed(seed)
    return LoweredComponent(application.lowered, locals_of(application), {}).train(training)


def wrapped(application: Application) -> tuple[nn.Module, str]:
    """The component as a module with source, and the source."""
    cls, source = wrap(application.lowered, locals_of(application), {}, {})
    torch.manual_seed(1)
    return cls().eval(), source


def tensors_of(application: Application) -> list[Tensor]:
    """The same random tensors each time; those that a gradient should reach want one."""
    generator = torch.Generator().manual_seed(0)
    tensors = [drawn(type, generator) for type in application.inputs.values()]
    learning = tensors[: _learning(application)]
    for tensor in learning:
        tensor.requires_grad_(tensor.is_floating_point())
    return tensors


def _learning(application: Application) -> int:
    """How many of the tensors a gradient should reach: of a loss only the first, its prediction."""
    return 1 if isinstance(application.component, Loss) else len(application.inputs)


def sources(
    application: Application, module: nn.Module, tensors: list[Tensor]
) -> list[tuple[str, Tensor]]:
    """Everything that a gradient should reach."""
    inputs = [(f"input {n}", t) for n, t in zip(application.inputs, tensors, strict=True)]
    weights = [(f"weight {name}", weight) for name, weight in module.named_parameters()]
    return [(name, tensor) for name, tensor in (*inputs, *weights) if tensor.requires_grad]


def forward(module: Any, tensors: Any) -> Any:
    """The module called, with the same random numbers inside each time."""
    torch.manual_seed(3)  # of what is drawn inside
    return module(*tensors)


def listed(result: Any) -> list[Any]:
    """The tensors of a result, whatever it is packed in."""
    if isinstance(result, Mapping):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [tensor for item in result for tensor in listed(item)]
    return [result]


def wrong_types(
    types: Mapping[str, TensorType] | tuple[TensorType, ...], result: Any
) -> Iterator[str]:
    """What is wrong with a result, by the types that were inferred for it."""
    if isinstance(types, tuple):
        if not isinstance(result, list | tuple) or len(result) != len(types):
            yield f"inferred a list of {len(types)}, got {type(result).__name__}"
            return
        pairs = list(zip(types, result, strict=True))
    elif isinstance(result, Mapping):
        if list(result) != list(types):
            yield f"inferred {list(types)}, lowered {list(result)}"
            return
        pairs = [(types[name], result[name]) for name in types]
    else:
        if len(types) != 1:
            yield f"inferred {list(types)}, lowered a single result"
            return
        pairs = [(next(iter(types.values())), result)]
    for declared, value in pairs:
        wrong = disagreement(declared, value)
        if wrong:
            yield wrong


def in_numbers(dim: Dim, sizes: Mapping[str, int]) -> tuple[int, int]:
    """A size in numbers by each of its faces."""
    by_poly = with_sizes(TensorType(Element("float"), (dim,)), sizes).dims[0].known
    assert by_poly is not None
    return by_poly, value_of(dim.term, sizes)


def differing(open_: Application, known: Application, sizes: Mapping[str, int]) -> Iterator[str]:
    """Where types from names, with numbers put in, are not those from numbers."""
    for one, other in zip(_type_list(open_), _type_list(known), strict=True):
        if str(one.element.name) != str(other.element.name):
            yield f"{one} from names, {other} from numbers"
        for dim, number in zip(one.dims, other.dims, strict=True):
            if set(in_numbers(dim, sizes)) != {number.known}:
                yield f"{dim} is {in_numbers(dim, sizes)}, but {number} follows from numbers"


def _type_list(application: Application) -> list[TensorType]:
    outputs = application.outputs
    return list(outputs.values()) if isinstance(outputs, Mapping) else list(outputs)


def loss_of(result: Any) -> Tensor | None:
    """A scalar to which every value contributes in its own way."""
    floats = [t for t in listed(result) if isinstance(t, Tensor) and t.is_floating_point()]
    generator = torch.Generator().manual_seed(4)
    sums = [(t * torch.randn(t.shape, generator=generator)).sum() for t in floats]
    return torch.stack(sums).sum() if sums else None


def dense(gradient: Tensor) -> Tensor:
    """A gradient as an ordinary tensor."""
    return gradient.to_dense() if gradient.is_sparse else gradient


def equal(one: Any, other: Any) -> bool:
    """Whether two results hold the same values, kinds and shapes."""
    left, right = listed(one), listed(other)
    return len(left) == len(right) and all(map(_same_value, left, right))


def _same_value(one: Any, other: Any) -> bool:
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return type(one) is type(other) and bool(one == other)
    same_kind = one.shape == other.shape and one.dtype == other.dtype
    return same_kind and one.layout == other.layout and _equal_values(dense(one), dense(other))


def _equal_values(one: Tensor, other: Tensor) -> bool:
    return torch.equal(torch.nan_to_num(one.float()), torch.nan_to_num(other.float()))


def behaviour(cls: type[TensorComponent], example: Example) -> list[Any]:
    """Everything that can be seen of an example from outside."""
    trial = Trial(example, chosen_sizes(example, 0))
    application = apply(cls, example.config, trial.inputs(cls))
    module = module_of(application)
    seen: list[Any] = [
        str(application.outputs),
        *module.state_dict(),
        *module.state_dict().values(),
    ]
    for training in (False, True):
        tensors = tensors_of(application)
        for _ in range(2):  # what a training step leaves behind shows in the second
            result = forward(module.train(training), _wide(application, tensors))
            seen += listed(result)
            loss = loss_of(result)
        if loss is not None and loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
        seen += [tensor.grad for tensor in (*tensors, *module.parameters())]
        seen += [buffer.clone() for buffer in module.buffers()]
    return seen


def _wide(application: Application, tensors: list[Tensor]) -> list[Tensor]:
    """Spread out, so that what only happens to large values happens; but within their kind."""
    names = [type.element.name for type in application.inputs.values()]
    pairs = zip(tensors, names, strict=True)
    return [5 * tensor if name in ("float", "logits") else tensor for tensor, name in pairs]
