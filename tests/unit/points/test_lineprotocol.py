"""Line protocol as text, each rule of it by an example written down by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hanlogger.model import Point
from hanlogger.points.lineprotocol import (
    encode_end,
    encode_field,
    encode_head,
    encode_number,
    is_number,
    read_head,
    to_octets,
)
from tests.support.points import lines

AT = datetime(2026, 1, 1, 0, 0, 10, 999, tzinfo=UTC)


def test_a_point_is_a_line_of_its_tags_its_fields_and_its_time_in_whole_milliseconds() -> None:
    at = AT.replace(microsecond=500_999)
    tags, fields = (("meter", "home"), ("phase", "L1")), (("value", Decimal("230.10")), ("text", 'say "hi" \\'))
    assert lines([Point("voltage", tags, fields, at)]) == (
        b'voltage,meter=home,phase=L1 value=230.1,text="say \\"hi\\" \\\\" 1767225610500\n'
    )


def test_each_point_has_its_own_time_and_one_without_a_time_none() -> None:
    times = (AT, AT, AT + timedelta(seconds=1), None, AT)
    made = [Point("m", (), (("value", Decimal(n)),), at) for n, at in enumerate(times)]
    assert lines(made).decode().splitlines() == [
        "m value=0 1767225610000", "m value=1 1767225610000", "m value=2 1767225611000", "m value=3",
        "m value=4 1767225610000",
    ]  # fmt: skip
    assert lines([]) == b""


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (None, b"\n"),
        (datetime(1970, 1, 1, tzinfo=UTC), b" 0\n"),
        (datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC), b" 1\n"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC), b" -1\n"),
    ],
)
def test_a_time_is_cut_to_the_millisecond(at: datetime | None, end: bytes) -> None:
    assert encode_end(at) == end


@pytest.mark.parametrize(
    ("text", "in_names", "in_texts"),
    [
        ("a b", "a\\ b", "a b"),
        ("a,b", "a\\,b", "a,b"),
        ("a=b", "a\\=b", "a=b"),
        ('a"b', 'a"b', 'a\\"b'),
        ("a\\b", "a\\b", "a\\\\b"),
        ("a\\", "a", "a\\\\"),
        ("\\\\", "", "\\\\\\\\"),
        ("\t", "\\t", "\\\\t"),
        ("\n", "\\n", "\\\\n"),
        ("\r", "\\r", "\\\\r"),
        ("\0\x08\x0b\x0c\x0e\x1f", "\\x00\\x08\\x0b\\x0c\\x0e\\x1f", "\\\\x00\\\\x08\\\\x0b\\\\x0c\\\\x0e\\\\x1f"),
        ("~\x7f\x80\x9f\xa0å", "~\\x7f\\x80\\x9f\xa0å", "~\\\\x7f\\\\x80\\\\x9f\xa0å"),
    ],
)
def test_what_would_break_a_line_is_escaped_or_written_out(text: str, in_names: str, in_texts: str) -> None:
    value = f",tag={in_names}" if in_names else ""
    assert encode_head("m", (("tag", text),)) == f"m{value}"
    assert encode_head(text, ()) == in_names
    assert encode_head("m", ((text, "v"),)) == (f"m,{in_names}=v" if in_names else "m")
    assert encode_field(text) == f'"{in_texts}"'


def test_a_tag_without_a_value_is_left_out_and_the_others_keep_their_order() -> None:
    assert encode_head("m", (("b", "1"), ("a", ""), ("", "2"), ("c", "3"))) == "m,b=1,c=3"


def test_half_of_a_surrogate_pair_is_written_so_that_it_can_be_read() -> None:
    assert to_octets("å\udcff") == "å".encode() + b"\\udcff"


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("230", "230"), ("230.10", "230.1"), ("230.00", "230"), ("-0.50", "-0.5"), ("100", "100"), ("1E+2", "100"),
        ("1.5E-3", "0.0015"), ("-0", "0"), ("-0.00", "0"), ("0E+5", "0"), ("-1E+1", "-10"), ("0.000", "0"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_plain_digits(value: str, digits: str) -> None:
    assert encode_number(Decimal(value)) == encode_field(Decimal(value)) == digits


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (Decimal("9.99E+307"), True), (Decimal("1E+308"), False), (Decimal("-1E+308"), False),
        (Decimal("1E-400"), True),
        (Decimal("NaN"), False), (Decimal("Infinity"), False), ("1", False),
    ],
)  # fmt: skip
def test_a_number_is_what_a_double_can_hold(value: Decimal | str, fits: bool) -> None:
    assert is_number(value) is fits


def test_the_head_of_a_line_ends_at_the_first_space_that_is_not_escaped() -> None:
    assert read_head(b"m,flat=3\\ tr,meter=home value=1 5\n") == b"m,flat=3\\ tr,meter=home"
    assert read_head(b"m,meter=home value=1 5\n") == b"m,meter=home"
    assert read_head(b'm,meter=home text="a\\\\ b" 5\n') == b"m,meter=home"
