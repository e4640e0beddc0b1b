"""Where the first value that is not finite came from: the steps since the last checkpoint are
computed again, the same bits as before, and every one of them is looked at."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from specc.training import random_state
from specc.training.checkpoint import Checkpoint
from specc.training.engine import Engine
from specc.training.errors import RunFailed
from specc.training.loop import Events, Loop
from specc.training.slices import Batch, sliced
from specc.training.tally import NotFinite, Tallies, Tally
from specc.training.updates import Updates


def explained(failure: NotFinite, loop: Loop, start: Checkpoint | None) -> RunFailed:
    """The failure, with the operation or the gradient where it began, if that can be found.

    ``start`` is the last checkpoint; without one the run is computed again from its beginning.
    """
    if failure.split != "train":
        where = _in_evaluation(loop.engine, failure.split)
        return failure if where is None else _with(failure.message, where, failure)
    plan, execution = loop.plan, loop.engine.execution
    engine = Engine(plan, execution)
    again = Loop(engine, _Until(failure.step))
    if start is not None:
        again.load(start)
    again.update = _Watch(engine)
    try:
        again.run()
    except NotFinite as found:
        return found
    except _Passed:
        pass
    return failure


def _with(message: str, where: str, failure: NotFinite) -> NotFinite:
    failure.message = f"{message}: {where}"
    return failure


class _Passed(Exception):
    """The step that failed was computed again, and did not fail."""


class _Until(Events):
    def __init__(self, step: int) -> None:
        self.last = step

    def stepped(self, loop: Loop) -> None:
        if loop.place.step > self.last:
            raise _Passed


class _Watch:
    """An update that looks at the losses and the gradients before the weights move."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, batch: Batch, number: int, tallies: Tallies) -> None:
        for updates, tally in self.engine.due(number, tallies):
            self._update(updates, batch, number, tally)

    def _update(self, updates: Updates, batch: Batch, number: int, tally: Tally) -> None:
        model, before = self.engine.model, random_state.capture()
        try:
            updates.gradients(batch, number, tally)
            tally.check()
        except NotFinite as failure:
            random_state.put_back(before)
            where = appearance(model, lambda: updates.forward(batch))
            raise (failure if where is None else _with(failure.message, where, failure)) from None
        bad = None if updates.scaler is not None else _bad_gradient(model, updates)
        if bad is not None:
            name, value = bad
            random_state.put_back(before)
            updates.optimizer.zero_grad()
            where = backward_operation(lambda: updates.forward(batch)[0])
            shown = f"the gradient of `{name}` is {value} in step {number}"
            raise NotFinite(shown if where is None else f"{shown}: {where}", "train", number)
        updates.move()


def _bad_gradient(model: nn.Module, updates: Updates) -> tuple[str, str] | None:
    """The last parameter (the first that the backward pass comes to) with a bad gradient."""
    mine = {id(parameter) for parameter in updates.parameters}
    for name, parameter in reversed(list(model.named_parameters())):
        gradient = parameter.grad if id(parameter) in mine else None
        if gradient is not None and not gradient.isfinite().all():
            return name, "NaN" if gradient.isnan().any() else "infinite"
    return None


def _in_evaluation(engine: Engine, split: str) -> str | None:
    engine.model.eval()
    with torch.no_grad(), engine.judged():
        for batch, _ in sliced(engine.splits[split], engine.plan.settings.batch, engine.ranks):
            for updates in engine.steps:
                found = appearance(engine.model, partial(updates.forward, batch))
                if found is not None:
                    return found
    return None


def appearance(model: nn.Module, forward: Callable[[], Any]) -> str | None:
    """Run once more, and name the operation that made the first value that is not finite."""
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        if tensor.is_floating_point() and not tensor.isfinite().all():
            return f"`{name}` was not finite before the step"
    look = _Look()
    with look.layers(model), look:
        forward()
    return look.found


def backward_operation(loss: Callable[[], Tensor]) -> str | None:
    """Run forward and backward once more, and name the operation whose derivative is not finite."""
    value = loss()
    found: list[str] = []
    for node in _graph(value):

        def look(computed: Any, given: Any, name: str = node.name()) -> None:
            if not found and _worst(computed) > _worst(given):
                operation = re.sub(r"Backward\d*$", "", name).lower()
                shown = "NaN" if _worst(computed) == 2 else "infinite"
                found.append(f"the derivative of `{operation}` is the first {shown}")

        node.register_hook(look)
    value.backward()  # type: ignore[no-untyped-call]
    return found[0] if found else None


def _graph(value: Tensor) -> list[Any]:
    """Every node that the backward pass comes through."""
    seen: dict[Any, None] = {}
    pending = [value.grad_fn]
    while pending:
        node = pending.pop()
        if node is None or node in seen:
            continue
        seen[node] = None
        pending += [following for following, _ in node.next_functions]
    return list(seen)


class _Look(TorchFunctionMode):
    """Sees every operation of torch; keeps the first that makes what is not finite of what is.

    Infinite values that the model asks for (a mask filled with minus infinity) are its own affair:
    only where one comes of finite arguments, or NaN of arguments without it, something is wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None
        self.stack: list[str] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if self.found is not None or not _computes(func):
            return func(*args, **kwargs)
        given = _worst((args, kwargs))  # before: an operation may be in place
        result = func(*args, **kwargs)
        if _worst(result) > given:
            value = "NaN" if _worst(result) == 2 else "infinite"
            self.found = f"the result of `{func.__name__}`{self._place()} is the first {value}"
        return result

    def _place(self) -> str:
        layer = f" in `{self.stack[-1]}`" if self.stack else ""
        line = _emitted_line()
        return f"{layer} ({line})" if line else layer

    @contextmanager
    def layers(self, model: nn.Module) -> Iterator[None]:
        """Know in which submodule an operation is."""
        hooks = []
        for name, module in model.named_modules():
            label = name or type(model).__name__

            def enter(module: nn.Module, args: Any, label: str = label) -> None:
                self.stack.append(label)

            def leave(module: nn.Module, args: Any, result: Any) -> None:
                self.stack.pop()

            hooks.append(module.register_forward_pre_hook(enter))
            hooks.append(module.register_forward_hook(leave))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


def _computes(func: Any) -> bool:
    return getattr(func, "__name__", "__get__") not in ("__get__", "__set__", "__repr__")


def _worst(values: Any) -> int:
    """0 where everything is finite, 1 where something is infinite, 2 where something is NaN."""
    worst = 0
    for leaf in tree_leaves(values):
        if isinstance(leaf, float):
            worst = max(worst, 2 if math.isnan(leaf) else int(math.isinf(leaf)))
        elif isinstance(leaf, Tensor) and (leaf.is_floating_point() or leaf.is_complex()):
            with torch._C.DisableTorchFunctionSubclass():
                if leaf.isnan().any():
                    return 2
                worst = max(worst, int(bool(leaf.isinf().any())))
    return worst


def _emitted_line() -> str | None:
    """The line of the compiled spec that is running."""
    import linecache

    frame = sys._getframe(1)
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith("specc.generated."):
            return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip() or None
        frame = frame.f_back  # type: ignore[assignment]
    return None
