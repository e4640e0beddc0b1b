"""Whatever a file holds, it is accepted or refused with a diagnostic, and soon."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from specc.diagnostics import Collector, SourceText, SpecError
from specc.syntax import limits, parse, read_source, read_stream

# Alone on a core each takes a third of this at most.
SECONDS = 3.0

CASES = {
    "brackets": ("x = " + "[" * 100_000, "E0905"),
    "few brackets": ("x = " + "[" * 1_000, "E0902"),
    "blocks": ("m {\n" * 1_000, "E0902"),
    "digits": ("x = " + "9" * 5_000, "E0904"),
    "infinite": ("x = 1e999", "E0904"),
    "nul": ("x = 1\0", "E0108"),
    "only nul": ("\0" * 1_000_000, "E0108"),
    "bidi in a comment": ("x = 1  # \u202e", "E0108"),
    "bidi in a string": ('x = "\u2066"', "E0108"),
    "bidi in a name": ("x\u200f = 1", "E0108"),
    "carriage returns": ("x = 1\r# y", "E0108"),
    "operators": ("x = " + "a + " * 1_000 + "a", "E0903"),
    "signs": ("x = " + "-" * 1_000 + "a", "E0903"),
    "powers": ("x = " + "2 ** " * 1_000 + "2", "E0903"),
    "ternaries": ("x = " + "a if b else " * 1_000 + "c", "E0903"),
    "dots": ("x = a" + ".b" * 1_000, "E0903"),
    "calls": ("x = a" + "()" * 1_000, "E0903"),
    "a long name": ("a" * 1_000_000 + " = 1", "E0906"),
    "many statements": ("a = 1\n" * 100_000, "E0905"),
    "many comments": ("#\n" * 500_000, "E0905"),
    "errors in statements": ("x = = 3\n" * 10_000, "E0133"),
    "errors in brackets": ("x = f(a\n" * 8_000, "E0111"),
    "errors in words": ("x = 1.\n" * 50_000, "E0104"),
    "errors in characters": ("$ ?" * 200_000, "E0101"),
    "errors in strings": ('"\n' * 500_000, "E0102"),
    "errors in escapes": ('x = "' + "\\q" * 400_000 + '"', "E0105"),
    "errors in arguments": ("x = f(a=1,a=2)\n" * 3_000, "E0124"),
    "braces": ("}\n" * 20_000, "E0112"),
    "dicts": ("x = {" * 10_000, "E0116"),
    "names in brackets": ("x = (\n" + "a a a a\n" * 5_000, "E0111"),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_soon(name: str) -> None:
    text, code = CASES[name]
    found = Collector()
    start = time.process_time()
    parse(SourceText("t", text), found)
    assert time.process_time() - start < SECONDS
    assert code in {d.code.id for d in found.diagnostics}
    assert len(found.diagnostics) <= limits.ERRORS + 2


@pytest.mark.parametrize(
    "text",
    ["\n" * 1_000_000, 'x = "' + "a" * 1_000_000 + '"', "x = a" + " |> f" * 10_000],
    ids=["empty lines", "a long line", "a long pipe"],
)
def test_accepted_soon(text: str) -> None:
    found = Collector()
    start = time.process_time()
    parse(SourceText("t", text), found)
    assert time.process_time() - start < SECONDS
    assert found.diagnostics == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x = \xff\xfe", "E0110"),
        ("x = 1".encode("utf-16"), "E0110"),
        (b"\xef\xbb\xbfx = 1 # \xe9", "E0110"),
        (b" " * (limits.SOURCE_BYTES + 1), "E0901"),
    ],
)
def test_bytes_that_are_no_spec(data: bytes, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        read_stream(io.BytesIO(data), "t")
    assert raised.value.diagnostics[0].code.id == code


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.nnspec"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    source = read_source(path, "a.nnspec")
    assert (source.name, source.text) == ("a.nnspec", "x = 1\r\n")


def test_a_large_file_is_read_no_further_than_the_limit() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1, /) -> bytes:
            assert size > 0
            self.asked += size
            return b"#" * size

    stream = Endless()
    with pytest.raises(SpecError):
        read_stream(stream, "t")  # type: ignore[arg-type]
    assert stream.asked == limits.SOURCE_BYTES + 1


def test_the_count_of_mistakes_is_bounded() -> None:
    found = Collector()
    parse(SourceText("t", "x = 'a'\n" * 10_000), found)
    assert [d.code.id for d in found.diagnostics].count("E0907") == 1
    assert found.diagnostics[-1].code.id == "E0907"


@pytest.mark.parametrize(
    "text",
    [
        "wid\0th = 1\nx = width",
        "fo\0r i in [1] {\n}",
        "x = 1\u200b2",
        "x = 1\ry = 2",
        "x = a |\0> f",
        "x = 1\u2028y = 2",
    ],
)
def test_a_forbidden_character_is_one_mistake(text: str) -> None:
    found = Collector()
    parse(SourceText("t", f"nnspec 1\n{text}\n"), found)
    assert [d.code.id for d in found.diagnostics] == ["E0108"]


def test_words_around_forbidden_characters_stand_where_they_stood() -> None:
    text = "nnspec 1\na\0b = \0cd\n## about\0 e\ne = \0$\n"
    found = Collector()
    file = parse(SourceText("t", text), found)
    assert [statement.span.text for statement in file.body][:1] == ["a\0b = \0cd"]
    (stray,) = (d for d in found.diagnostics if d.code.id == "E0101")
    assert stray.span is not None
    assert (stray.span.start, stray.span.text) == (text.index("$"), "$")
