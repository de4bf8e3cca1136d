"""Every layout of wire/ against octets put together by hand, and against the simulator, which has its own encoders."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.errors import DecodeError
from hanlogger.simulate import ciphered, dlms
from hanlogger.wire import ber, blocks, hdlc, llc, mbus, notification, parity, telegram
from hanlogger.wire.crc import calculate_arc, calculate_x25, ends_with_x25, make_x25_sequence
from hanlogger.wire.date_time import DEVIATION_NOT_SPECIFIED, DateTime
from tests.support import octets as by_hand

LINK = b"\x41\x08\x83\x13"


@given(st.binary(max_size=300))
def test_both_checksums_are_those_that_are_computed_bit_by_bit(data: bytes) -> None:
    assert calculate_arc(data) == by_hand.arc(data)
    assert make_x25_sequence(data) == by_hand.x25(data)
    assert ends_with_x25(data + by_hand.x25(data))


def test_both_checksums_have_their_check_value() -> None:
    assert (calculate_arc(b"123456789"), calculate_x25(b"123456789")) == (0xBB3D, 0x906E)


# --- lengths


@given(st.integers(0, 2**24), st.binary(max_size=3))
def test_a_length_is_what_the_simulator_writes(length: int, before: bytes) -> None:
    data = before + ciphered._encode_length(length)
    assert (
        ber.read_ber_length(data, len(before)) == ber.read_partial_ber_length(data, len(before)) == (length, len(data))
    )
    assert all(ber.read_partial_ber_length(data[:end], len(before)) is None for end in range(len(before), len(data)))


@pytest.mark.parametrize("data", ["80", "85 00 00 00 00 01", "ff"])
def test_a_length_of_another_form_is_none(data: str) -> None:
    with pytest.raises(DecodeError, match="length"):
        ber.read_ber_length(bytes.fromhex(data), 0)
    assert ber.read_partial_ber_length(bytes.fromhex(data), 0) == (ber.NOT_A_LENGTH, 0)


# --- HDLC


@pytest.mark.parametrize("link", ["03 03 13", "41 08 83 13", "02 23 02 21 93", "00 02 00 07 00 02 00 09 10"])
@pytest.mark.parametrize("size", [1, 2, 200, 2000])
def test_a_frame_has_the_octets_that_are_put_together_by_hand(link: str, size: int) -> None:
    octets, information = bytes.fromhex(link), bytes(range(256)) * 8
    information = information[:size]
    for segmented in (False, True):
        made = hdlc.make_frame(octets, information, segmented=segmented)
        assert made + b"\x7e" == by_hand.hdlc(information, segmented=segmented, header=octets)
        [segment] = hdlc.find_segments(made)
        assert (segment.start, segment.end, segment.segmented) == (0, len(made), segmented)
        assert made[segment.information.start : segment.information.stop] == information
        assert (hdlc.read_link(made), segment.is_command) == (octets, False)


def test_a_frame_is_what_the_simulator_sends() -> None:
    assert hdlc.make_message(LINK, b"\xe6\xe7\x00\x0f") == dlms.hdlc("41 0883 13", dlms.LLC + b"\x0f")


@given(st.integers(0, 6000))
def test_a_message_of_any_length_comes_in_segments_no_longer_than_a_frame(size: int) -> None:
    information = bytes(octet & 0xFF for octet in range(size))
    data = hdlc.make_message(LINK, information)
    segments = list(hdlc.find_segments(data))
    assert b"".join([data[each.information.start : each.information.stop] for each in segments]) == information
    assert all(each.end - each.start - 1 <= hdlc.LONGEST for each in segments)
    assert [each.segmented for each in segments] == [True] * (len(segments) - 1) + [False]
    assert all(ends_with_x25(data[each.start + 1 : each.end]) for each in segments)


def test_a_command_has_no_information() -> None:
    content = b"\xa0\x07\x03\x41\x93"
    [segment] = hdlc.find_segments(b"\x7e" + content + by_hand.x25(content))
    assert segment.is_command
    assert not segment.information


def test_an_address_has_an_end_within_four_octets() -> None:
    assert hdlc.find_control(b"\x7e\xa0\x20" + b"\2\2\2\3" + b"\3" + b"\x13") == 8
    assert hdlc.find_control(b"\x7e\xa0\x20" + b"\2\2\2\2" + b"\3" + b"\x13") == 0
    assert hdlc.find_control(b"\x7e\xa0\x20\2") > 4, "octets are missing"


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 12])
def test_a_frame_that_is_cut_short_is_an_error(cut: int) -> None:
    with pytest.raises((DecodeError, IndexError)):
        list(hdlc.find_segments(hdlc.make_frame(LINK, b"\xe6\xe7\x00\x0f")[:-cut]))


# --- M-Bus


@given(st.integers(1, 16 * 245))
def test_a_message_of_any_length_that_fits_comes_in_numbered_long_frames(size: int) -> None:
    apdu = bytes(octet * 7 & 0xFF for octet in range(size))
    assert mbus.fits(apdu)
    data = mbus.make_message(apdu)
    assert data == b"".join(ciphered._wrap_in_mbus(apdu))
    frames = list(mbus.find_frames(data))
    assert b"".join([data[each.data.start : each.data.stop] for each in frames]) == apdu
    assert [each.number for each in frames] == list(range(len(frames)))
    assert [each.is_last for each in frames] == [False] * (len(frames) - 1) + [True]
    assert all(each.is_dlms and mbus.is_good(data[each.start : each.end]) for each in frames)


@pytest.mark.parametrize("size", [1, 250, 251, 255, 256, 300, 505])
def test_a_length_above_255_has_wrapped(size: int) -> None:
    data = by_hand.mbus(bytes(size))
    assert len(data) in mbus.list_possible_lengths(data[1])
    [frame] = mbus.find_frames(data)
    assert (frame.end, len(frame.data)) == (len(data), size)


def test_more_frames_than_four_bits_can_number_do_not_fit() -> None:
    assert not mbus.fits(bytes(16 * 245 + 1))


# --- what is inside


def test_llc_is_taken_off_in_either_direction() -> None:
    assert [llc.strip_llc(head + b"\x0f") for head in (*llc.HEADERS, b"")] == [b"\x0f"] * 3
    assert llc.SENT == dlms.LLC


@pytest.mark.parametrize("size", [0, 1, 127, 128, 300])
def test_a_block_says_its_number_whether_it_is_the_last_and_where_its_data_is(size: int) -> None:
    head = b"\xe0\xc1\x01\x02\x00\x00" + ciphered._encode_length(size)
    found = blocks.read_block(head + bytes(size))
    assert found == blocks.Block(0x0102, True, range(len(head), len(head) + size))
    assert blocks.read_block(head) == found, "its data may come in other frames"


@pytest.mark.parametrize("data", ["", "e0", "e0 80 0001 0000", "e0 80 0001 0000 80", "0f 40 00 00 00 00 00 00"])
def test_what_is_no_head_of_a_block_is_none(data: str) -> None:
    assert blocks.read_block(bytes.fromhex(data)) is None


@pytest.mark.parametrize("head", ["", "09 0c", "0c", "19"])
def test_the_date_time_of_a_notification_stands_behind_each_form_of_its_head(head: str) -> None:
    form, time = bytes.fromhex(head), dlms.date_time(datetime(2024, 7, 1, 12, 0, 10))  # noqa: DTZ001
    apdu = b"\x0f\x40\x00\x00\x00" + (form + time if form else b"\0") + b"\x02\x01\x11\x07"
    assert apdu[notification.find_body(apdu) :] == b"\x02\x01\x11\x07"
    place = notification.find_header_date_time(apdu)
    assert (apdu[place.start : place.stop] if place else b"") == (time if form else b"")


def test_a_date_time_has_the_fields_of_the_blue_book() -> None:
    octets = bytes.fromhex("07e8 07 01 01 0c 00 0a ff 8000 80")
    fields = DateTime(2024, 7, 1, 1, 12, 0, 10, 0xFF, DEVIATION_NOT_SPECIFIED, 0x80)
    assert DateTime.unpack(octets) == fields
    assert fields.pack() == octets
    with pytest.raises(ValueError, match="11 octets"):
        DateTime.unpack(octets[:-1])


# --- telegrams


@given(st.binary(max_size=200).map(lambda octets: bytes(octet & 0x7F for octet in octets)))
def test_even_parity_comes_off_as_it_came_on(text: bytes) -> None:
    sent = parity.with_even_parity(text)
    assert sent == by_hand.even_parity(text)
    assert parity.is_even(sent)
    assert parity.strip_parity(sent) == text


@pytest.mark.parametrize("start", [b"/", b"\x02"])
def test_a_telegram_shows_by_its_first_octet_that_it_has_parity_bits(start: bytes) -> None:
    sent = parity.with_even_parity(start + b"TST5")
    assert (parity.has_parity(start), parity.has_parity(sent)) == (False, True)
    assert parity.to_seven_bits(sent) == parity.to_seven_bits(start + b"TST5") == start + b"TST5"
    assert not parity.is_even(b"1")


def test_a_block_check_character_is_that_of_the_vector() -> None:
    v5 = b"\x021.8.0(0001234*kWh)\r\n!\r\n\x03\x50"  # docs/protocol.md V5
    assert telegram.has_block_check(v5)
    assert telegram.calculate_block_check(v5) == 0x50


def test_the_checksum_of_a_telegram_is_over_all_through_its_end_mark() -> None:
    assert (
        telegram.calculate_checksum(b"/TST5\r\n\r\n1-0:1.7.0(0001.234*kW)\r\n!F4EA\r\n") == 0xF4EA
    )  # docs/protocol.md V1
