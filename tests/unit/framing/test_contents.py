"""What a message of a broker contains is told by its octets: telegrams, damage, or what is meant for others."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.framing import KINDS, read_contents
from hanlogger.framing.contents import EXAMPLE, LONGEST
from hanlogger.model import BadFrame, Frame
from tests.support.octets import hdlc, mbus
from tests.support.telegrams import SWEDISH

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
BODY = bytes.fromhex("0F400000000000") + b"\x01\x01\x02\x02\x09\x06\x01\x00\x01\x07\x00\xff\x06\x00\x00\x04\xd2"
FRAMED = hdlc(b"\xe6\xe7\x00" + BODY)

WHOLE = {
    "p1": SWEDISH,
    "p1 in hex": SWEDISH.hex().encode(),
    "hdlc": FRAMED,
    "hdlc in hex": FRAMED.hex().upper().encode(),
    "hdlc in hex with spaces": FRAMED.hex(" ").encode() + b"\r\n",
    "hdlc behind a device's own head": b"\x08\x01\x12" + FRAMED,
    "mbus": mbus(b"\x00\x01" + BODY),
    "apdu": BODY,
    "apdu in hex": BODY.hex().encode(),
}

IGNORED = {
    b"": "empty",
    b" \r\n": "empty",
    b"online": "status",
    b"offline\n": "status",
    b"homewizard 4.19": "status",
    b"230.1": "value",
    b"-7": "value",
    b"1e3": "value",
    b'{"P":1234,"id":"ab12"}': "json",
    b"[1,2]": "json",
    b'{"state_topic":"a/b","name":"x"}': "discovery",
    b'{"uniq_id":"x"}': "discovery",
}

DAMAGED = {
    "no message": [b"{not json", b"7E" * 8 + b"7", b"\x80\x81", FRAMED.hex().encode().hex().encode()],
    "checksum": [SWEDISH[:-4] + b"0000", FRAMED[:-3] + b"\0\0\x7e"],
    "length": [b"x" * (LONGEST + 1), b"00" * (LONGEST + 1), b"{" * (LONGEST + 1)],
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_telegram_is_found_whatever_it_is_wrapped_in(name: str) -> None:
    (frame,), kind = read_contents(WHOLE[name], AT)
    assert isinstance(frame, Frame)
    assert frame.received_at == AT
    assert kind is None
    assert frame.data in (SWEDISH.rstrip(), FRAMED[:-1], mbus(b"\x00\x01" + BODY), BODY)


@pytest.mark.parametrize(("data", "kind"), IGNORED.items())
def test_what_is_meant_for_others_is_told_by_kind_and_is_no_damage(data: bytes, kind: str) -> None:
    assert read_contents(data, AT) == ([], kind)
    assert kind in KINDS


@pytest.mark.parametrize(("reason", "data"), [(reason, one) for reason, all_ in DAMAGED.items() for one in all_])
def test_what_should_be_a_telegram_and_is_none_is_damage(reason: str, data: bytes) -> None:
    (bad,), kind = read_contents(data, AT)
    assert isinstance(bad, BadFrame)
    assert (bad.reason, kind) == (reason, None)
    assert len(bad.data) <= max(EXAMPLE, len(SWEDISH))


def test_the_longest_message_is_looked_at_also_in_hex() -> None:
    padded = SWEDISH + b"\n" * (LONGEST - len(SWEDISH))
    assert isinstance(read_contents(padded, AT).events[0], Frame)
    assert isinstance(read_contents(padded.hex().encode(), AT).events[0], Frame)


def test_hex_of_hex_is_not_decoded_twice() -> None:
    assert [type(event) for event in read_contents(SWEDISH.hex().encode().hex().encode(), AT).events] == [BadFrame]


@given(
    st.binary(max_size=300)
    | st.text(max_size=100).map(str.encode)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_nothing_that_comes_raises_and_everything_is_something(data: bytes) -> None:
    events, kind = read_contents(data, AT)
    assert bool(events) != bool(kind)


def test_json_of_a_hostile_depth_is_damage_and_no_error() -> None:
    (bad,), _ = read_contents(b"[" * 60_000, AT)
    assert isinstance(bad, BadFrame)
