"""A plugin of backends that are wrong, each in its own way."""

from __future__ import annotations

import copy
import os

import torch

from specc.components import Refusal
from specc.components.errors_export import CANNOT_EXPORT
from specc.registry import hookimpl
from specc.stdlib.backends.pt2 import Pt2

specc_api = 1


def with_weights(traced, change):
    """The same graph with other weights."""
    program = copy.copy(traced.program)
    program._state_dict = change(dict(program.state_dict))
    changed = copy.copy(traced)
    object.__setattr__(changed, "program", program)
    return changed


class DropsBias(Pt2):
    """Writes the model without a bias."""

    def export(self, traced, path):
        def change(state):
            return {
                k: torch.nn.Parameter(v * 0) if k.endswith("head.bias") else v
                for k, v in state.items()
            }

        return super().export(with_weights(traced, change), path)


class StaleWeight(Pt2):
    """Writes one weight as it was before the last step."""

    def export(self, traced, path):
        def change(state):
            return {
                k: torch.nn.Parameter(v * 0.999) if k.endswith("hidden.weight") else v
                for k, v in state.items()
            }

        return super().export(with_weights(traced, change), path)


class Retraced(Pt2):
    """Follows the model anew, in a way of its own."""

    def changed(self, module):
        return module

    def shapes(self, traced):
        rows = torch.export.Dim("B", min=1, max=12)
        return {port.argument: {0: rows} for port in traced.interface.inputs}

    def sample(self, traced):
        return traced.sample

    def export(self, traced, path):
        names = [port.argument for port in traced.interface.inputs]
        program = torch.export.export(
            self.changed(copy.deepcopy(traced.module)),
            (),
            dict(zip(names, self.sample(traced), strict=True)),
            dynamic_shapes=self.shapes(traced),
        )
        again = copy.copy(traced)
        object.__setattr__(again, "program", program)
        return super().export(again, path)


class InTraining(Retraced):
    """Leaves the model in training mode: statistics of the batch, units dropped."""

    def changed(self, module):
        return module.train()


class SwapsOutputs(Retraced):
    """Gives the outputs in another order."""

    def changed(self, module):
        class Swapped(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def forward(self, size, place):
                one, other = self.inner(size, place)
                return other, one

        return Swapped(module)


class SwapsInputs(Retraced):
    """Mixes up two inputs of one shape."""

    def changed(self, module):
        class Swapped(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def forward(self, size, place):
                return self.inner(place, size)

        return Swapped(module)


class FixesBatch(Retraced):
    """Builds the size of the sample batch in."""

    def shapes(self, traced):
        return None


class HalfPrecision(Retraced):
    """Computes in 16 bits what was trained in 32."""

    def changed(self, module):
        class Half(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner.bfloat16()

            def forward(self, size, place):
                found = self.inner(size.bfloat16(), place.bfloat16())
                return tuple(each.float() for each in found)

        return Half(module)


class WrongBeyond(Retraced):
    """Takes more rows than it was made for, and is wrong about them."""

    def shapes(self, traced):
        rows = torch.export.Dim("B", min=1, max=40)
        return {port.argument: {0: rows} for port in traced.interface.inputs}

    def changed(self, module):
        class Cut(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def forward(self, size, place):
                row = torch.arange(size.shape[0]).unsqueeze(1)
                return self.inner(size * (row < 12), place * (row < 12))

        return Cut(module)


class Raises(Pt2):
    """Fails while it writes."""

    def export(self, traced, path):
        path.write_bytes(b"half")
        raise RuntimeError("no kernel for this")


class Refuses(Pt2):
    """Cannot."""

    def export(self, traced, path):
        raise Refusal(CANNOT_EXPORT, "it has no such operator", help="use another")


class WritesNothing(Pt2):
    """Says it has written."""

    def export(self, traced, path):
        return ()


class Crashes(Pt2):
    """Takes the process that loads it down."""

    def load(self, path, interface):
        os._exit(9)


class NotInstalled(Pt2):
    """Needs what is not there."""

    requires = {"a_module_that_nobody_has": "a-distribution-that-nobody-has"}  # noqa: RUF012


WRONG = (
    DropsBias,
    StaleWeight,
    InTraining,
    SwapsOutputs,
    SwapsInputs,
    FixesBatch,
    HalfPrecision,
    WrongBeyond,
)
FAILING = (Raises, Refuses, WritesNothing, Crashes, NotInstalled)


@hookimpl
def specc_components():
    yield from (*WRONG, *FAILING)
