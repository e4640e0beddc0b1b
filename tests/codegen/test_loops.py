"""Loops that the emitted class keeps or writes out, held against the same lines by hand."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.codegen.load import load_source
from tests.analysis.specs import source


def emitted(folder: Path, text: str) -> ModuleType:
    return load_source(source(folder, text))


def test_a_loop_may_begin_with_a_tensor_and_leave_a_record(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, T, 8]
          h = x
          repeat 2 {
            for heads in [2, 4] {
              h = h |> multi_head_attention(heads) |> relu
              h = h |> mix: multi_head_attention(heads)
            }
          }
          output y = h
        }"""
    net = emitted(tmp_path, spec).Net().eval()
    x = torch.randn(3, 5, 8)
    h = x
    for row, mixed in zip(net.multi_head_attention, net.mix, strict=True):
        for attend, mix in zip(row, mixed, strict=True):
            h = F.relu(attend(h, h, h)[0])
            h = mix(h, h, h)[0]
    assert torch.equal(net(x), h)
    assert [attend.num_heads for row in net.mix for attend in row] == [2, 4, 2, 4]


def test_a_record_whose_fields_are_read_stays_one(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, T, 8]
          r = x |> lstm(8)
          repeat 2 {
            r = r |> lstm(8)
          }
          output y = r
          output last = r.hidden
        }"""
    net = emitted(tmp_path, spec).Net().eval()
    x = torch.randn(2, 4, 8)
    h, (last, _) = net.lstm(x)
    for layer in net.lstm_2:
        h, (last, _) = layer(h)
    y, hidden = net(x)
    assert torch.equal(y, h)
    assert torch.equal(hidden, last)


def test_what_is_written_out_follows_the_parameters_in_the_list(tmp_path: Path) -> None:
    spec = """
        model Net(hidden: int = 4) {
          input x: float[B, 3]
          h = x
          for width, act in [[hidden, relu], [2 * hidden, tanh]] {
            h = h |> linear(width) |> act
          }
          output y = h
        }"""
    net = emitted(tmp_path, spec).Net(hidden=5)
    assert [(each.in_features, each.out_features) for each in net.linear] == [(3, 5), (5, 10)]
    x = torch.randn(2, 3)
    assert torch.equal(net(x), torch.tanh(net.linear[1](F.relu(net.linear[0](x)))))


def test_a_list_that_decides_conditions_is_the_one_that_was_analysed(tmp_path: Path) -> None:
    spec = """
        model Net(wide: bool = true) {
          input x: float[B, C, 9]
          h = x
          for flag in [wide, false] {
            h = h |> conv1d(4, 3)
            if flag {
              h = h |> flatten
              h = h |> unsqueeze(1)
            }
          }
          output y = h
        }"""
    module = emitted(tmp_path, spec)
    assert [each.in_channels for each in module.Net(2).conv1d] == [2, 1]
    with pytest.raises(ValueError, match="wide == True only"):
        module.Net(2, wide=False)


def test_a_stack_of_blocks_for_any_width_is_one_that_any_width_fits(tmp_path: Path) -> None:
    spec = """
        model Residual(channels: int) {
          input x: float[B, C]
          skip = x
          if C != channels {
            skip = x |> linear(channels)
          }
          output y = (x |> main: linear(channels)) + skip
        }
        model Stage(width: int) {
          input x: float[B, C]
          output y = x |> Residual(width) |> Residual(width)
        }"""
    module = emitted(tmp_path, spec)
    for features, width, projected in ((3, 4, True), (4, 4, False)):
        net: nn.Module = module.Stage(features, width)
        assert isinstance(net.residual.linear, nn.Linear) is projected
        assert net.residual_2.linear is None
        assert net(torch.randn(2, features)).shape == (2, width)
