"""Every vector says what its author says it says."""

from __future__ import annotations

import pytest

from hanlogger.decoding import decode
from hanlogger.decoding.link import extract_content
from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.model import Frame, Reading
from tests.support.octets import RECEIVED_AT
from tests.support.readings import bare, read, said, when
from tests.support.vectors import FRAMED, KEY, VECTORS, Vector, octets


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v.name)
def test_a_vector_says_what_is_written_of_it(vector: Vector) -> None:
    [event] = find_all(vector.octets, RECEIVED_AT)
    assert isinstance(event, Frame)
    assert (event.format, event.verified) == (vector.format, vector.verified)
    for _ in range(2):  # the second time by the plan for its shape
        reading = decode(event, keys=vector.keys)
        assert said(reading) == vector.rows
        assert when(reading) == vector.time
        assert reading.unread == ()


def test_rows_come_in_the_order_of_the_message() -> None:
    codes = [str(row.obis) for row in read(octets("v11")).registers]
    assert codes[:8] == [f"1-0:{c}.7.0" for c in (1, 2, 3, 4, 31, 51, 71, 32)]
    assert codes[-1] == "1-0:4.8.0"


@pytest.mark.parametrize(
    ("name", "hourly"), [("v10", True), ("v11", False), ("v8", False), ("v14", True), ("v19", True)]
)
def test_the_hourly_lists_are_known(name: str, hourly: bool) -> None:
    assert read(octets(name)).hourly is hourly


@pytest.mark.parametrize(
    ("name", "family"),
    [("v2", ""), ("v8", "aidon"), ("v11", "aidon"), ("v12", "kaifa"), ("v15", "kaifa"), ("v17", "kamstrup")],
)
def test_the_family_is_known_by_content(name: str, family: str) -> None:
    assert read(octets(name)).family == family


def _apdu(vector: Vector) -> bytes:
    [event] = find_all(vector.octets, RECEIVED_AT)
    assert isinstance(event, Frame)
    return extract_content(event)


PLAIN = [vector for vector in FRAMED if not vector.keys]


@pytest.mark.parametrize("vector", [v for v in PLAIN if v.format != "p1"], ids=lambda v: v.name)
def test_what_a_frame_carries_reads_the_same_without_the_frame(vector: Vector) -> None:
    apdu = _apdu(vector)
    for prefix in (b"", b"\xe6\xe7\x00", b"\xe6\xe6\x00"):
        assert said(read(prefix + apdu)) == vector.rows
    assert said(read((b"\xe6\xe7\x00" + apdu).hex(" ").encode())) == vector.rows


@pytest.mark.parametrize("vector", [v for v in PLAIN if v.time is None and v.format == "hdlc"], ids=lambda v: v.name)
def test_a_bare_body_reads_as_its_notification(vector: Vector) -> None:
    assert said(read(_apdu(vector)[6:])) == vector.rows


@pytest.mark.parametrize("vector", [v for v in PLAIN if v.format != "p1"], ids=lambda v: v.name)
def test_octets_behind_a_body_are_listed_and_cost_nothing(vector: Vector) -> None:
    reading = decode(bare(_apdu(vector) + b"\xca\xfe"))
    assert said(reading) == vector.rows
    assert reading.unread == ("cafe",)


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.format != "p1"], ids=lambda v: v.name)
def test_an_apdu_cut_short_anywhere_is_an_error_at_once(vector: Vector) -> None:
    apdu = _apdu(vector)
    for end in range(len(apdu)):
        with pytest.raises(DecodeError):
            decode(bare(apdu[:end]), keys=[KEY])


@pytest.mark.parametrize("vector", [v for v in FRAMED if v.format in ("hdlc", "mbus")], ids=lambda v: v.name)
def test_a_frame_cut_short_anywhere_is_an_error_too(vector: Vector) -> None:
    [frame] = find_all(vector.octets, RECEIVED_AT)
    for end in range(len(frame.data)):
        with pytest.raises(DecodeError):
            decode(Frame(vector.format, frame.data[:end], RECEIVED_AT), keys=[KEY])  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", PLAIN, ids=lambda v: v.name)
def test_any_one_bit_flipped_in_the_content_gives_a_reading_or_the_one_error(vector: Vector) -> None:
    apdu = _apdu(vector)
    for at in range(len(apdu)):
        flipped = apdu[:at] + bytes((apdu[at] ^ 1 << at % 8,)) + apdu[at + 1 :]
        try:
            reading = decode(Frame("p1" if vector.format == "p1" else "dlms", flipped, RECEIVED_AT))
        except DecodeError as error:
            assert str(error)
        else:
            assert isinstance(reading, Reading)
