"""Hostile specs: each is refused at its place, soon, in little memory, and nothing is touched.

Each runs in a process of its own under ``specc check``, whose processor time and peak memory are
measured (``pytest -s`` prints them) and whose audit events show what it opened, ran or connected.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from specc.compiler import check_file

SECONDS = 5.0
"""Of processor time; an idle machine needs a tenth. A spec without mistakes takes about 0.5."""

MEGABYTES = 200

AUDIT = """
import os, sys
log = open(os.environ["SPECC_AUDIT"], "a")
touching = ("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn",
            "os.fork", "shutil.", "os.remove", "os.rename", "os.mkdir", "webbrowser.")
def hook(event, arguments):
    if event.startswith(touching):
        log.write(f"{event} {arguments!r}\\n")
    elif event == "open" and isinstance(arguments[0], str) and arguments[0].startswith("/etc"):
        log.write(f"open {arguments[0]}\\n")
sys.addaudithook(hook)

# What wait4 tells of memory is never less than what the parent had when it forked.
import atexit
def peak():
    lines = open("/proc/self/status").read().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    open(os.environ["SPECC_AUDIT"] + ".peak", "w").write(found)
atexit.register(peak)
"""


@dataclass(frozen=True)
class Case:
    """A spec, the codes that are expected, and the text at the first place."""

    text: str | bytes
    codes: tuple[str, ...]
    at: str | None = None
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What a process did."""

    status: int
    out: str
    err: str
    seconds: float
    megabytes: float
    touched: str

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def check(folder: Path, *arguments: str, **environment: str) -> Run:
    """``specc check`` in a process of its own; wait4 gives what this one child used."""
    (folder / "audit").mkdir(exist_ok=True)
    (folder / "audit" / "sitecustomize.py").write_text(AUDIT)
    log = folder / "audit" / "log"
    log.write_text("")
    settings = {
        **os.environ,
        "PYTHONPATH": str(folder / "audit"),
        "SPECC_AUDIT": str(log),
        **environment,
    }
    out, err = folder / "audit" / "out", folder / "audit" / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(
            [sys.executable, "-m", "specc", "check", "--format", "json", *arguments],
            cwd=folder,
            env=settings,
            stdout=stdout,
            stderr=stderr,
        )
        limit = time.monotonic() + 60
        while True:
            done, status, used = os.wait4(child.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > limit:
                child.kill()
            time.sleep(0.01)
        child.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        child.returncode,
        out.read_text(encoding="utf-8"),
        err.read_text(encoding="utf-8"),
        used.ru_utime + used.ru_stime,
        int((folder / "audit" / "log.peak").read_text()) / 1024,
        log.read_text(),
    )


def model(body: str, head: str = "model Net") -> str:
    """A spec of one model that takes ``x: float[B, 4]`` and runs ``body``."""
    lines = dedent(body).strip().splitlines()
    inner = "".join(f"  {line}\n" for line in lines)
    return f"nnspec 1\n\n{head} {{\n  input x: float[B, 4]\n{inner}}}\n"


def applied(stage: str) -> str:
    return model(f"output y = x |> {stage}")


OTHER = "nnspec 1\n\nmodel A {\n  input x: float[B]\n  output y = x |> relu\n}\n"


def importing(path: str) -> str:
    use = "model Net {\n  input x: float[B]\n  output y = x |> other.A\n}\n"
    return f'nnspec 1\n\nimport "{path}" as other\n\n{use}'


CASES: dict[str, Case] = {
    # 1 to 7: names of Python are names that nothing defines, strings are strings
    "1 a dotted path": Case(applied("torch.nn.Linear(10)"), ("E0202",), "torch.nn.Linear"),
    "1 a dotted path of os": Case(applied("os.system"), ("E0202",), "os.system"),
    "2 import as a name": Case(
        model('output y = __import__("os").system("x")'), ("E0202",), "__import__"
    ),
    "2 import as a string": Case(applied("linear(\"__import__('os').system('x')\")"), ("E0304",)),
    "2 import as a type": Case(
        "nnspec 1\n\nmodel Net {\n  input x: __import__[B]\n  output y = x |> relu\n}\n",
        ("E0313",),
        "__import__",
    ),
    "3 globals": Case(applied("torch.nn.Linear.__init__.__globals__"), ("E0202",), "torch"),
    "5 _target_": Case(applied('linear(10, _target_="os.system")'), ("E0301",), "_target_"),
    "5 class_path": Case(applied('linear(10, class_path="os.system")'), ("E0301",), "class_path"),
    "7 the environment": Case(applied('linear("${env:HOME}")'), ("E0304",), '"${env:HOME}"'),
    "7 a format": Case(applied('linear("{x.__class__}")'), ("E0304",), '"{x.__class__}"'),
    # 8: imports stay inside
    "8 a path above": Case(importing("../../etc/passwd"), ("E0204",), '"../../etc/passwd"'),
    "8 an absolute path": Case(importing("/etc/passwd"), ("E0204",), '"/etc/passwd"'),
    "8 an address": Case(importing("http://127.0.0.1/a.nnspec"), ("E0204",)),
    "8 a file address": Case(importing("file:///etc/passwd"), ("E0204",)),
    "8 a link out of the project": Case(importing("link.nnspec"), ("E0204",), '"link.nnspec"'),
    "8 a folder": Case(importing("audit"), ("E0204",), '"audit"'),
    # 10
    "10 import cycle": Case(
        importing("b.nnspec"),
        ("E0205",),
        '"spec.nnspec"',
        {"b.nnspec": importing("spec.nnspec").replace("Net", "A")},
    ),
    "10 recursion": Case(applied("Net"), ("E0206",), "Net"),
    "10 recursion with a parameter": Case(
        model("output y = x |> Net(n - 1)", "model Net(n: int)"), ("E0206",), "Net(n - 1)"
    ),
    # 12 to 18: sizes
    "12 brackets": Case("nnspec 1\n\na = " + "[" * 100_000 + "\n", ("E0905",)),
    "12 fewer brackets": Case("nnspec 1\n\na = " + "[" * 40_000 + "\n", ("E0902",)),
    "14 repeat": Case(
        model("h = x\nrepeat 1000000000 {\n  h = h |> linear(4)\n}\noutput y = h"),
        ("E0950",),
        "1000000000",
    ),
    "14 nested": Case(
        model(
            "h = x\nrepeat 1000 {\n  repeat 1000 {\n    h = h |> linear(4)\n  }\n}\noutput y = h"
        ),
        ("E0950",),
    ),
    "14 nested and empty": Case(
        model(
            "for i in range(50000) {\n  for j in range(50000) {\n    k = i\n  }\n}\noutput y = x"
        ),
        ("E0950",),
    ),
    "14 models inside models": Case(
        "nnspec 1\n\n"
        + "".join(
            f"model M{k} {{\n  input x: float[B, D]\n"
            f"  output y = (x |> M{k + 1}(1)) + (x |> M{k + 1}(2))\n}}\n\n".replace(
                f"M{k} {{", f"M{k}(n: int = 1) {{"
            )
            for k in range(30)
        )
        + "model M30(n: int) {\n  input x: float[B, D]\n  output y = x |> linear(n)\n}\n",
        ("E0950",),
    ),
    "14 every use differs": Case(
        "nnspec 1\n\n"
        + "".join(
            f"model M{k}(n: int = 1) {{\n  input x: float[B, D]\n"
            f"  output y = (x |> M{k + 1}(2 * n)) + (x |> M{k + 1}(2 * n + 1))\n}}\n\n"
            for k in range(30)
        )
        + "model M30(n: int) {\n  input x: float[B, D]\n  output y = x |> relu\n}\n",
        ("E0950",),
    ),
    "14 a chain of models": Case(
        "nnspec 1\n\n"
        + "".join(
            f"model M{k} {{\n  input x: float[B, D]\n  output y = x |> M{k + 1}\n}}\n\n"
            for k in range(2000)
        )
        + "model M2000 {\n  input x: float[B, D]\n  output y = x |> relu\n}\n",
        ("E0952",),
    ),
    "14 a list that doubles": Case(
        model("a = [x]\nrepeat 60 {\n  a = a + a\n}\noutput y = a |> concat(dim=1)"), ("E0951",)
    ),
    "14 lists of lists": Case(
        model("a = [0] * 40000\nb = [a] * 40000\noutput y = x |> linear(len(b))"), ("E0951",)
    ),
    "14 a text that doubles": Case(
        model('s = "a"\nrepeat 60 {\n  s = s + s\n}\noutput y = x |> linear(len(s))'), ("E0308",)
    ),
    "14 a size that doubles": Case(
        model("h = x\nrepeat 500 {\n  h = [h, h] |> concat(dim=1)\n}\noutput y = h"), ("E0951",)
    ),
    "14 a power": Case(applied("linear(2 ** 10000000)"), ("E0308",), "2 ** 10000000"),
    "16 a huge layer": Case(
        applied("linear(4611686018427387904)"), ("E0904",), "4611686018427387904"
    ),
    "16 a large layer": Case(applied("linear(400000000000000000)"), ("E0304",)),
    "16 a layer that is only planned": Case(applied("linear(2147483647)"), ()),
    "17 5,000 digits": Case(applied(f"linear({'9' * 5000})"), ("E0904",)),
    "18 1e999": Case(applied("dropout(1e999)"), ("E0904",), "1e999"),
    "18 nan": Case(applied("dropout(nan)"), ("E0201",), "nan"),
    "18 inf": Case(applied("leaky_relu(inf)"), ("E0201",), "inf"),
    "18 a sum past the largest float": Case(applied("leaky_relu(1e308 * 10)"), ("E0308",)),
    # 19: nothing is converted
    "19 true": Case(applied("linear(true)"), ("E0304",), "true"),
    "19 a string": Case(applied('linear("3")'), ("E0304",), '"3"'),
    "19 a float": Case(applied("linear(3.0)"), ("E0304",), "3.0"),
    # 20 to 26: bytes
    "20 NUL": Case(applied("linear(3)").replace("(", "\0("), ("E0108",)),
    "21 bidirectional in a comment": Case(
        applied("linear(3)").replace("\n\n", "\n# a\u202eb\n"), ("E0108",)
    ),
    "21 bidirectional in a string": Case(applied('linear("\u202e")'), ("E0108",)),
    "21 bidirectional in a name": Case(applied("linear\u202e(3)"), ("E0108",)),
    "24 not UTF-8": Case(b"nnspec 1\n\nmodel N\xff {}\n", ("E0110",)),
    "24 UTF-16": Case(applied("relu").encode("utf-16"), ("E0110",)),
    "24 a BOM": Case(b"\xef\xbb\xbf" + applied("relu").encode(), ()),
    "26 a long line": Case(applied(f'linear("{"a" * 900_000}")'), ("E0304",)),
    # 28 to 33
    "28 forward": Case(applied("forward: linear(3)"), ("E0210",), "forward"),
    "28 training": Case(applied("training: linear(3)"), ("E0210",), "training"),
    "28 __class__": Case(applied("__class__: linear(3)"), ("E0210",), "__class__"),
    "28 weight": Case(applied("weight: linear(3)"), ("E0210",), "weight"),
    "30 escape sequences": Case(applied('linear("\\u001b[31m")'), ("E0304",)),
    "32 stride 0": Case(
        applied("conv1d(3, kernel_size=1, stride=0)").replace("[B, 4]", "[B, 4, 8]"),
        ("E0304",),
        "0",
    ),
    "32 groups": Case(
        applied("conv1d(4, kernel_size=1, groups=3)").replace("[B, 4]", "[B, 4, 8]"), ("E0403",)
    ),
    "32 kernel": Case(
        applied("conv1d(3, kernel_size=9)").replace("[B, 4]", "[B, 4, 8]"), ("E0409",)
    ),
    "33 twice": Case(
        applied("relu") + applied("gelu").removeprefix("nnspec 1\n"), ("E0203",), "Net"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_spec(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    (tmp_path / "outside.nnspec").write_text(OTHER)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link.nnspec").symlink_to(tmp_path / "outside.nnspec")
    for file, other in case.files.items():
        (folder / file).write_text(other)
    written = case.text if isinstance(case.text, bytes) else case.text.encode()
    (folder / "spec.nnspec").write_bytes(written)

    run = check(folder, "spec.nnspec")
    print(f"{name:35} {run.seconds:6.2f} s {run.megabytes:6.0f} MB")
    errors = [d for d in run.diagnostics if d["severity"] == "error"]
    assert tuple(d["code"] for d in errors) == case.codes, run.out[:2000] + run.err
    assert run.status == (2 if case.codes else 0)
    assert run.err == ""
    assert run.touched == ""
    assert "\x1b" not in run.out
    if errors:
        first = errors[0]
        file, line, column = first["file"], first["line"], first["column"]
        assert file in ("spec.nnspec", *case.files)
        if case.at is not None:
            shown = (folder / file).read_text().splitlines()[line - 1]
            assert shown[column - 1 :].startswith(case.at)
    assert run.seconds < SECONDS
    assert run.megabytes < MEGABYTES


def test_a_chain_of_models(tmp_path: Path) -> None:
    """Models inside models are counted, and refused where they go too deep."""
    chain = "".join(
        f"model M{k} {{\n  input x: float[B, D]\n  output y = x |> M{k + 1}\n}}\n\n"
        for k in range(400)
    )
    last = "model M400 {\n  input x: float[B, D]\n  output y = x |> relu\n}\n"
    (tmp_path / "spec.nnspec").write_text(f"nnspec 1\n\n{chain}{last}")
    _, (found,) = check_file(str(tmp_path / "spec.nnspec"))
    assert found.code.id == "E0952"
    assert found.span is not None
    assert 300 < found.span.line < 1600


def test_25_a_large_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "spec.nnspec"
    with path.open("wb") as file:
        file.write(b"nnspec 1\n")
        file.seek(100 * 1024 * 1024)
        file.write(b"\n")
    run = check(tmp_path, "spec.nnspec")
    print(f"a file of 100 MB {run.seconds:6.2f} s {run.megabytes:6.0f} MB")
    assert [d["code"] for d in run.diagnostics] == ["E0901"]
    assert run.seconds < SECONDS
    assert run.megabytes < 120


def test_31_many_mistakes_are_counted(tmp_path: Path) -> None:
    lines = "".join(f"  a{k} = z{k}\n" for k in range(12_000))
    text = f"nnspec 1\n\nmodel Net {{\n  input x: float[B]\n{lines}  output y = x\n}}\n"
    (tmp_path / "spec.nnspec").write_text(text)
    run = check(tmp_path, "spec.nnspec", "--format", "text")
    print(f"12,000 unknown names {run.seconds:6.2f} s {run.megabytes:6.0f} MB")
    assert run.status == 2
    assert run.out.count("error[E0201]") == 20
    assert run.out.endswith("20 of 12,000 shown (12,000 errors)\n")
    assert run.megabytes < MEGABYTES
    assert run.seconds < 2 * SECONDS


IR = """
import locale, sys
from specc.compiler import Request, check
from specc.diagnostics import Collector
from specc.ir.json import from_json, to_json
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
program = check(Request(sys.argv[1]), Collector()).program()
text = to_json(program)
assert from_json(text) == program
sys.stdout.buffer.write(text.encode())
"""

LARGE = """nnspec 1

import "blocks.nnspec" as blocks

width = 8

## Doc \u00fc.
model Net(classes: int = 10, act: layer = gelu, rates: list[float] = [0.1, 0.25]) {
  input image: float[B, 3, H, W]
  assert H % 4 == 0 and W % 4 == 0
  x = image
  for w in [width, 2 * width, 4 * width] as i {
    x = x |> blocks.Residual(w, stride=1 if i == 0 else 2)
  }
  shared last = conv2d(4 * width, kernel_size=1)
  x = (x |> last |> act) + (x |> last)
  for rate in rates {
    x = x |> dropout(rate)
  }
  pooled: float[B, C] = x |> adaptive_avg_pool2d(1) |> flatten
  output scores: logits[B, classes] = pooled |> head: linear(classes)
  output last_row = x[:, :, -1]
}
"""

BLOCKS = """nnspec 1

model Residual(channels: int, stride: int = 1) {
  input x: float[B, C, H, W]
  main = x |> conv2d(channels, kernel_size=3, stride=stride, padding=1) |> batch_norm |> relu
  skip = x
  if stride != 1 or C != channels {
    skip = x |> conv2d(channels, kernel_size=1, stride=stride) |> batch_norm
  }
  output y = (main + skip) |> relu
}
"""


def test_34_the_ir_is_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """For any hash seed, folder, locale, and way of naming the file."""
    written: set[bytes] = set()

    def emit(folder: Path, path: str, cwd: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "net.nnspec").write_text(LARGE, encoding="utf-8")
        (folder / "blocks.nnspec").write_text(BLOCKS, encoding="utf-8")
        command = [sys.executable, "-c", IR, path]
        done = subprocess.run(
            command, cwd=cwd, env={**os.environ, **environment}, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        written.add(done.stdout)

    one, other = tmp_path / "a", tmp_path / "b" / "\u00e4 c"
    emit(one, "net.nnspec", one, PYTHONHASHSEED="0")
    emit(one, "net.nnspec", one, PYTHONHASHSEED="4294967295", LC_ALL="C")
    emit(other, str(other / "net.nnspec"), tmp_path, PYTHONHASHSEED="7", LC_ALL="tr_TR.UTF-8")
    emit(other, "../b/\u00e4 c/net.nnspec", one, PYTHONUTF8="0", TZ="Asia/Tokyo")
    assert len(written) == 1
