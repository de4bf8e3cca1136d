"""Captures: octets and times come back as they were, whatever mail and issue forms have done to the lines."""

from __future__ import annotations

import io
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.errors import CaptureCut, CaptureError
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer, is_capture, read_chunks, split_lines
from hanlogger.recordings.capture.octets import from_text

AT = datetime(2026, 1, 14, 14, 4, 10, 120334, UTC)
TELEGRAM = b"/TST5\r\n\r\n1-0:1.7.0(0001.234*kW)\r\n!F4EA\r\n"
FRAME = bytes.fromhex("7ea02a410883130413e6e7000f40000000000101020309060100010700ff06000004d202020f00161b19f27e")

some_reads = st.lists(
    st.builds(
        Chunk,
        st.one_of(st.binary(min_size=1, max_size=200), st.sampled_from([TELEGRAM, FRAME, TELEGRAM[:30], b"@#>`\\ x"])),
        st.datetimes(datetime(2010, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    max_size=8,
)


def written(chunks: list[Chunk], **about: str) -> str:
    file = io.StringIO()
    writer = Writer(file, about)
    for chunk in chunks:
        writer.write(chunk)
    return file.getvalue()


def read(text: str) -> list[Chunk]:
    return list(read_chunks(io.StringIO(text)))


@given(some_reads)
def test_octets_and_times_come_back_as_they_were(chunks: list[Chunk]) -> None:
    assert read(written(chunks)) == chunks


@given(some_reads, st.sampled_from([40, 60, 72, 76, 80]))
def test_lines_may_be_wrapped_anywhere_behind_the_head_of_a_read(chunks: list[Chunk], width: int) -> None:
    cut = [line[at : at + width] for line in written(chunks).splitlines() for at in range(0, max(len(line), 1), width)]
    assert read("\n".join(cut)) == chunks


@given(some_reads)
def test_quoting_indenting_line_ends_and_fences_change_nothing(chunks: list[Chunk]) -> None:
    lines = written(chunks).splitlines()
    quoted = "\r\n".join(f"> >   {line} \t" for line in ["Hello, here it is:", "```text", *lines, "```", "Thanks!"])
    assert read("\ufeff" + quoted) == chunks


def test_a_telegram_can_be_read_by_people_row_by_row() -> None:
    assert written([Chunk(TELEGRAM, AT)]).endswith(
        textwrap.dedent(
            r"""
            @2026-01-14T14:04:10.120334Z 40 text
              /TST5\r\n
              \r\n
              1-0:1.7.0(0001.234*kW)\r\n
              !F4EA\r\n
            """
        )
    )


def test_what_is_no_text_stands_in_hex_and_short_reads_on_one_line() -> None:
    assert written([Chunk(FRAME[:9], AT)]).endswith("@2026-01-14T14:04:10.120334Z 9 hex 7ea02a41 08831304 13\n")


def test_what_is_told_about_the_port_comes_back(tmp_path: Path) -> None:
    from hanlogger.recordings.capture import Reader

    reader = Reader()
    for line in written([Chunk(b"x", AT)], port="/dev/ttyUSB0", line="115200 8N1").splitlines():
        reader.feed(line)
    assert reader.about == {"port": "/dev/ttyUSB0", "line": "115200 8N1"}


def test_a_quiet_line_is_not_written() -> None:
    assert read(written([Chunk(b"", AT), Chunk(b"a", AT + timedelta(seconds=1))])) == [
        Chunk(b"a", AT + timedelta(seconds=1))
    ]


def test_remarks_between_reads_may_be_wrapped_and_are_no_octets() -> None:
    file = io.StringIO()
    writer = Writer(file, {})
    writer.write(Chunk(b"a", AT))
    writer.write_remark("damaged: a stated checksum is wrong")
    writer.write(Chunk(b"b", AT))
    assert [chunk.data for chunk in read(file.getvalue().replace("stated ", "stated\n"))] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("@2026-01-14T14:04:10Z 4 text abc", "line 2: 3 octets where 4 are stated"),
        ("@2026-01-14T14:04:10Z 2 text abc", "line 2: 3 octets where 2 are stated"),
        ("@2026-01-14T14:04:10Z 2 hex 7e0", "line 2: "),
        ("@2026-01-14T14:04:10Z 1 text “", "line 2: “ stands for no octet"),
        ("@yesterday 1 text a", "line 2: Invalid isoformat string"),
        ("@2026-01-14T14:04:10Z abc", "line 2: no read"),
    ],
)
def test_damage_is_noticed_and_its_line_is_named(line: str, words: str) -> None:
    with pytest.raises(CaptureError, match="ask for it as a file") as caught:
        read(f"# hanlogger capture 1\n{line}\n@2026-01-14T14:04:11Z 1 text a\n")
    assert words in str(caught.value)


@given(some_reads.filter(bool), st.data())
def test_a_capture_that_is_cut_off_gives_all_reads_before_and_says_so(chunks: list[Chunk], data: st.DataObject) -> None:
    before, whole = written(chunks[:-1]), written(chunks)
    cut = whole[: data.draw(st.integers(len(before) + 1, len(whole) - 1))]
    got: list[Chunk] = []
    try:
        got += read_chunks(io.StringIO(cut))
    except CaptureError:
        got = _read_cut(cut)
        assert got == chunks[:-1]
    else:
        assert got in (chunks, chunks[:-1])  # white space behind the last octet, or before the @, is what was cut


def _read_cut(text: str) -> list[Chunk]:
    """Return the reads of a capture that was cut off; AssertionError if it is whole."""
    got: list[Chunk] = []
    with pytest.raises(CaptureCut, match=r"capture, line \d+: the capture was cut off within this read$"):
        got.extend(read_chunks(io.StringIO(text)))
    return got


@pytest.mark.parametrize("end", ["2 text abc", "1 text “", "2 text “", "4 text 1\\q", "3 hex 7g", "1 teXt a"])
def test_a_last_read_that_was_altered_is_not_taken_for_one_that_was_cut_off(end: str) -> None:
    with pytest.raises(CaptureError, match="it was altered on its way here"):
        read(f"# hanlogger capture 1\n@2026-01-14T14:04:10Z {end}")


@given(st.text("a\r\n€", max_size=40), st.integers(1, 5))
def test_lines_are_the_same_however_a_file_comes_in_pieces(text: str, size: int) -> None:
    data = text.encode()
    assert list(split_lines(data[at : at + size] for at in range(0, len(data), size))) == text.split("\n")


@pytest.mark.parametrize(("sent", "octets"), [(r"a\x0A\\\r", b"a\n\\\r"), (r"\\x41", b"\\x41"), ("", b"")])
def test_escapes_are_read_in_either_case_and_a_backslash_is_none(sent: str, octets: bytes) -> None:
    assert from_text(sent) == octets


@pytest.mark.parametrize("wrong", ["\\t", "\\X41", "\\x4", "\\x4g", "ab'", "\\", "a@", "ä", "\\u0041"])
def test_what_no_capture_has_stands_for_no_octet(wrong: str) -> None:
    with pytest.raises(ValueError, match="stands for no octet"):
        from_text(wrong)


def test_a_capture_of_a_newer_version_is_not_guessed_at() -> None:
    with pytest.raises(CaptureError, match="update"):
        read("# hanlogger capture 2\n@2026-01-14T14:04:10Z 1 text a\n")


def test_a_capture_is_told_from_telegrams_hex_and_words() -> None:
    whole = written([Chunk(TELEGRAM, AT)]).encode()
    assert is_capture(whole)
    assert is_capture(b"Hello,\r\n> " + whole)
    assert is_capture(whole[whole.index(b"@2026") :])
    for other in (TELEGRAM, FRAME, FRAME.hex().encode(), b"", b"# hanlogger.toml\n"):
        assert not is_capture(other)


@pytest.mark.parametrize("octets", [b"a" * 500, bytes(500)])
def test_a_line_fits_a_hundred_columns_also_when_it_is_quoted(octets: bytes) -> None:
    file = io.StringIO()
    Writer(file, {}).write(Chunk(octets, datetime(2026, 1, 14, 14, 4, 10, tzinfo=UTC)))
    assert max(len(line) for line in file.getvalue().splitlines() if line.startswith("  ")) <= 98
