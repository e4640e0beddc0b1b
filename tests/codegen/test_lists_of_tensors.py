"""Loops over lists of tensors, held against the same lines by hand."""

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


def test_each_tensor_of_a_grown_list_has_its_turn(tmp_path: Path) -> None:
    spec = """
        model Net(n: int = 2) {
          input x: float[B, 8]
          skips = []
          repeat n {
            x2 = x |> linear(8)
            skips = skips + [x2]
          }
          h = x
          for s in reversed(skips) {
            h = (h - s) |> tanh
          }
          for s in skips {
            h = (h - s) |> tanh
          }
          output y = h / len(skips)
        }"""
    module = emitted(tmp_path, spec)
    x = torch.randn(3, 8)
    for n in (2, 3):
        net = module.Net(n=n)
        skips = [layer(x) for layer in net.linear]
        assert len(skips) == n
        h = x
        for s in (*reversed(skips), *skips):
            h = torch.tanh(h - s)
        assert torch.equal(net(x), h / n)
        assert torch.equal(torch.jit.script(net)(x), h / n)


def test_what_a_list_holds_is_computed_once(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 8]
          parts = x |> chunk(2, dim=1)
          ys = []
          for p in parts { ys = ys + [p |> linear(4)] }
          z = x
          for v in ys { z = z + (v |> linear(8)) }
          for v in [x |> dropout(0.5), z |> relu] { z = z * v }
          output y = z
        }"""
    net = emitted(tmp_path, spec).Net()
    x = torch.randn(3, 8)
    torch.manual_seed(5)
    given = net(x)
    torch.manual_seed(5)
    z = x
    for v, layer in zip(x.chunk(2, dim=1), range(2), strict=True):
        z = z + net.linear_2[layer](net.linear[layer](v))
    for v in [F.dropout(x, 0.5), F.relu(z)]:
        z = z * v
    assert torch.equal(given, z)


def test_names_that_are_bound_again_do_not_change_what_is_walked(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 8]
          a = x |> relu
          b = x |> tanh
          hs = [a, b]
          pairs = zip(hs, [x, b], [2, 3])
          rows = []
          for a in hs {
            b = (b + a) |> sigmoid
            hs = [b] + hs
            rows = rows + [b]
          }
          for p, q, k in pairs as i { b = b * k + p - q * i }
          for h in hs + rows { b = (b - h) |> sin }
          for p, q, k in reversed(pairs) { b = b * k + p - q }
          output y = b + a
        }"""
    net = emitted(tmp_path, spec).Net()
    x = torch.randn(3, 8)
    a, b = F.relu(x), torch.tanh(x)
    hs = [a, b]
    pairs = list(zip(hs, [x, b], [2, 3], strict=True))
    rows = []
    for a in hs:
        b = torch.sigmoid(b + a)
        hs = [b, *hs]
        rows.append(b)
    for i, (p, q, k) in enumerate(pairs):
        b = b * k + p - q * i
    for h in hs + rows:
        b = torch.sin(b - h)
    for p, q, k in reversed(pairs):
        b = b * k + p - q
    torch.testing.assert_close(net(x), b + a)


UNET = """
    model Net(widths: list[int] = [4, 6]) {
      input x: float[B, 3, H, W]
      assert H % 4 == 0
      assert W % 4 == 0
      skips = []
      for w in widths {
        x2 = x |> down: conv2d(w, kernel_size=1)
        skips = skips + [x2]
        x = x2 |> max_pool2d(2)
      }
      for w, s in zip(reversed(widths), reversed(skips)) {
        x = x |> conv_transpose2d(w, kernel_size=2, stride=2)
        x = (s, x) |> concat(dim=1) |> up: conv2d(w, kernel_size=1)
      }
      output y = x
    }"""


def test_a_u_net_joins_each_level_with_its_own(tmp_path: Path) -> None:
    spec = UNET.replace("input x:", "input image:").replace("skips = []", "x = image\nskips = []")
    net = emitted(tmp_path, spec).Net()
    x = image = torch.randn(2, 3, 8, 8)
    skips = []
    for down in net.down:
        x = down(x)
        skips.append(x)
        x = F.max_pool2d(x, 2)
    for s, wide, up in zip(reversed(skips), net.conv_transpose2d, net.up, strict=True):
        x = up(torch.cat([s, wide(x)], dim=1))
    assert torch.equal(net(image), x)
    assert isinstance(net.up, nn.ModuleList)


def test_rows_of_two_parameters_are_compared_column_by_column(tmp_path: Path) -> None:
    spec = """
        model Block(out: int, expand: int = 6) {
          input x: float[B, C]
          h = x
          if expand != 1 { h = h |> linear(C * expand) |> relu }
          output y = h |> linear(out)
        }
        model Net(widths: list[int] = [16, 24], steps: list[int] = [1, 2]) {
          input x: float[B, 8]
          for w, s in zip(widths, steps) as i {
            x2 = x |> Block(w * s, expand=1 if i == 0 else 6)
          }
          output y = x2
        }"""
    module = emitted(tmp_path, spec)
    net = module.Net()
    x = torch.randn(3, 8)
    last = net.block[-1]
    assert torch.equal(net(x), last.linear_2(F.relu(last.linear(x))))
    with pytest.raises(ValueError, match="is used with"):
        module.Net(widths=[16, 25])


def test_a_list_grown_by_the_number_of_an_outer_loop_is_for_that_number(tmp_path: Path) -> None:
    spec = """
        model Net(blocks: list[int] = [1, 2]) {
          input x: float[B, 8]
          for n in blocks {
            fs = [x]
            repeat n {
              fs = fs + [fs |> concat(dim=1) |> linear(4)]
            }
            x2 = fs |> concat(dim=1) |> last: linear(8)
          }
          output y = x2
        }"""
    module = emitted(tmp_path, spec)
    net = module.Net()
    x = torch.randn(3, 8)
    fs = [x]
    for layer in net.linear[1]:
        fs.append(layer(torch.cat(fs, dim=1)))
    assert torch.equal(net(x), net.last[1](torch.cat(fs, dim=1)))
    with pytest.raises(ValueError, match="is used with"):
        module.Net(blocks=[1, 3])


def test_a_counted_loop_over_modules_scripts(tmp_path: Path) -> None:
    spec = """
        model Net(n: int = 4) {
          input x: float[B, 8]
          h = x
          for i in range(n) {
            if i > 0 { h = h |> relu }
            h = (h |> linear(8)) * i
            if i < n - 1 { h = h |> tanh }
          }
          output y = h
        }"""
    module = emitted(tmp_path, spec)
    x = torch.randn(3, 8)
    for n in (4, 2):
        net = module.Net(n=n)
        h = x
        for i, layer in enumerate(net.linear):
            h = layer(F.relu(h) if i > 0 else h) * i
            h = torch.tanh(h) if i < n - 1 else h
        assert torch.equal(net(x), h)
        assert torch.equal(torch.jit.script(net)(x), h)


def test_an_item_keeps_the_size_that_its_parameter_gave_it(tmp_path: Path) -> None:
    spec = """
        model Net(widths: list[int] = [8, 16]) {
          input a: float[B, 8]
          skips = []
          x = a
          for w in widths {
            x = x |> linear(w)
            skips = skips + [x]
          }
          n = len(widths)
          for i in range(n) {
            x = (skips[n - 1 - i], x) |> concat(dim=1) |> up: linear(widths[n - 1 - i])
          }
          output y = x
        }"""
    module = emitted(tmp_path, spec)
    a = torch.randn(3, 8)
    for widths in ([8, 16], [5, 3]):
        net = module.Net(widths=widths)
        x, skips = a, []
        for layer in net.linear:
            x = layer(x)
            skips.append(x)
        for s, up in zip(reversed(skips), net.up, strict=True):
            x = up(torch.cat([s, x], dim=1))
        assert torch.equal(net(a), x)


def test_rows_with_a_name_are_read_as_often_as_wanted(tmp_path: Path) -> None:
    spec = """
        model Net(a: list[int] = [8, 6], b: list[int] = [5, 8]) {
          input x: float[B, 8]
          rows = zip(a, b)
          h = x
          for p, q in rows { h = h |> linear(p) |> linear(q) }
          for p, q in rows { h = h |> last: linear(p + q) }
          output y = h
        }"""
    net = emitted(tmp_path, spec).Net(a=[3, 4], b=[2, 5])
    x = h = torch.randn(3, 8)
    for one, other in zip(net.linear, net.linear_2, strict=True):
        h = other(one(h))
    assert [layer.out_features for layer in net.last] == [5, 9]
    for layer in net.last:
        h = layer(h)
    assert torch.equal(net(x), h)
