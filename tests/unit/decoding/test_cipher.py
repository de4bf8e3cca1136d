"""Encrypted messages: what opens them, what does not, and what is said of it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hanlogger.decoding import cipher, decode
from hanlogger.errors import DecodeError, KeyNeeded
from hanlogger.framing import find_all
from hanlogger.model import Frame, Key
from tests.support.axdr import code, notification, scaler_unit, structure, u32
from tests.support.octets import RECEIVED_AT, hdlc, mbus, telegram, with_checksum
from tests.support.readings import bare, read, said
from tests.support.vectors import KEY, octets

TITLE = b"TST\x01\x02\x03\x04\x05"
ROW = "1-0:1.7.0(0001.234*kW)"
OTHER = Key(bytes(16), bytes(16))
POWER = {"1-0:1.7.0": "1234 W"}


def ciphered(plain: bytes, control: int = 0x30, *, length: int = 0x82) -> bytes:
    """DB …, the tag cut to twelve octets."""
    counter = b"\0\0\0\x2a"
    assert KEY.authentication is not None
    sealed = AESGCM(KEY.encryption).encrypt(TITLE + counter, plain, bytes((control,)) + KEY.authentication)
    secured = bytes((control,)) + counter + sealed[: len(plain) + (12 if control & 0x10 else 0)]
    size = len(secured).to_bytes({0: 1, 0x81: 1, 0x82: 2}[length], "big")
    return b"\xdb\x08" + TITLE + (bytes((length,)) if length else b"") + size + secured


def test_the_check_of_the_green_book_comes_out() -> None:
    apdu = bytes.fromhex("db084d4d4d0000bc614e1e3001234567411312ff935a47566827c467bc7d825c3be4a77c3fcc056b6b")
    message = cipher._read(apdu)
    assert cipher._open(message, KEY) == bytes.fromhex("c0010000080000010000ff0200")


@pytest.mark.parametrize("name", ["v20-apdu", "v20-hdlc", "v20-mbus", "v20-unauthenticated"])
def test_the_key_may_come_with_or_without_its_authentication(name: str) -> None:
    assert said(read(octets(name), keys=[KEY])) == POWER
    assert said(read(octets(name), keys=[Key(KEY.encryption)])) == POWER


@pytest.mark.parametrize("name", ["v20-apdu", "v20-hdlc", "v20-mbus", "v20-unauthenticated"])
def test_without_a_key_the_error_names_the_meter_and_says_that_a_key_is_needed(name: str) -> None:
    with pytest.raises(KeyNeeded, match=r"5453540102030405.*key"):
        read(octets(name))


def test_a_wrong_key_opens_nothing() -> None:
    wrong = Key(bytes(16))
    for name in ("v20-apdu", "v20-hdlc", "v20-mbus"):
        for keys in ([OTHER], [wrong], [OTHER, wrong], [Key(KEY.encryption, bytes(16))]):
            with pytest.raises(KeyNeeded, match="key"):
                read(octets(name), keys=keys)


def test_keys_are_tried_in_turn() -> None:
    assert said(read(octets("v20-hdlc"), keys=[OTHER, Key(bytes(16)), KEY])) == POWER


@pytest.mark.parametrize("begins", [rb"[\x01\x02].[\x00-\x19]", rb"\x0f", rb"/[A-Za-z]"])
def test_a_key_that_gives_what_only_begins_like_a_message_does_not_open_it(begins: bytes) -> None:
    """A wrong key does so once in a thousand messages: the next key is tried, and alone it opens nothing."""
    apdu = ciphered(notification(structure(code("1-0:1.7.0"), u32(1234), scaler_unit(0, 27))), 0x20)
    looks = re.compile(begins, re.DOTALL)
    wrong = (Key(number.to_bytes(16, "big")) for number in range(10**6))
    key = next(key for key in wrong if looks.match(cipher._open(cipher._read(apdu), key) or b""))
    assert said(read(apdu, keys=[key, KEY])) == POWER
    with pytest.raises(KeyNeeded, match="the key does not open it"):
        read(apdu, keys=[key])


def test_a_bare_body_with_something_behind_it_is_believed_only_where_the_tag_verifies() -> None:
    """Such as one number, which is a list of some meters, and then the rest of what a wrong key made of a message."""
    body = structure(u32(1234)) + b"\x93\x7a"
    assert said(read(ciphered(body), keys=[KEY])) == POWER
    with pytest.raises(KeyNeeded, match="the key does not open it"):
        read(ciphered(body, 0x20), keys=[KEY])


def test_what_a_verified_key_opens_is_judged_by_what_it_is() -> None:
    with pytest.raises(DecodeError, match="tag c0"):
        read(ciphered(b"\xc0\x01\x00"), keys=[KEY])


def test_a_tag_that_is_stated_must_verify_where_it_can_be() -> None:
    damaged = bytearray(octets("v20-apdu"))
    damaged[-1] ^= 1
    with pytest.raises(KeyNeeded):
        decode(bare(bytes(damaged)), keys=[KEY])
    assert said(decode(bare(bytes(damaged)), keys=[Key(KEY.encryption)])) == POWER


@pytest.mark.parametrize("control", [0x20, 0x21, 0x30, 0x31])
def test_suites_with_and_without_a_tag(control: int) -> None:
    plain = bytes.fromhex("0f8000000100020106000004d2")
    for length in (0, 0x81, 0x82):
        assert said(decode(bare(ciphered(plain, control, length=length)), keys=[KEY])) == POWER


@pytest.mark.parametrize("control", [0x10, 0x00, 0xA0, 0x70])
def test_a_security_that_is_not_ours_is_named(control: int) -> None:
    apdu = bytearray(ciphered(bytes(20)))
    apdu[13] = control
    with pytest.raises(DecodeError, match=f"security control {control:02x}"):
        decode(bare(bytes(apdu)), keys=[KEY])


def test_a_telegram_may_be_inside_and_its_own_checksum_is_not_asked_for() -> None:
    plain = telegram(ROW).replace(b"!F4EA\r\n", b"!0000")
    for apdu in (ciphered(plain), ciphered(plain.replace(b"\r\n\r\n", b"\r\n"))):
        [event] = find_all(b"\x00\x01" + apdu, RECEIVED_AT)
        assert isinstance(event, Frame)
        assert not event.verified
        assert said(decode(event, keys=[KEY])) == POWER


def test_several_ciphered_telegrams_in_a_row_are_several_messages() -> None:
    events = find_all(ciphered(telegram(ROW)) * 3, RECEIVED_AT)
    assert [said(decode(event, keys=[KEY])) for event in events if isinstance(event, Frame)] == [POWER] * 3


def test_segments_and_long_frames_are_joined_before_they_are_opened() -> None:
    apdu = ciphered(telegram(*[ROW] * 30))
    parts = [b"\xe6\xe7\x00" + apdu[:300], apdu[300:600], apdu[600:]]
    stream = b"".join(hdlc(part, segmented=part is not parts[-1]) for part in parts)
    assert said(read(stream, keys=[KEY])) == POWER
    pieces = [apdu[at : at + 240] for at in range(0, len(apdu), 240)]
    stream = b"".join(mbus(piece, at | (0x10 if piece is pieces[-1] else 0)) for at, piece in enumerate(pieces))
    assert said(read(stream, keys=[KEY])) == POWER


@pytest.mark.parametrize("size", range(246, 262))
def test_a_long_frame_whose_length_wrapped_is_read_whole(size: int) -> None:
    filled = size - len(ciphered(telegram(ROW, "0-0:96.13.0()")))
    apdu = ciphered(telegram(ROW, f"0-0:96.13.0({'F' * filled})"))
    assert len(apdu) == size
    assert said(read(mbus(apdu), keys=[KEY]))["1-0:1.7.0"] == "1234 W"


def test_blocks_are_joined_before_they_are_opened() -> None:
    apdu = ciphered(bytes.fromhex("0f8000000100020106000004d2"))
    halves = (apdu[:20], apdu[20:])
    blocks = [
        b"\xe6\xe7\x00\xe0" + bytes((0x80 * at, 0, at + 1, 0, 0, len(half))) + half for at, half in enumerate(halves)
    ]
    assert said(read(b"".join(map(hdlc, blocks)), keys=[KEY])) == POWER


def test_a_telegram_that_is_ciphered_inside_says_that_it_lacks_a_title() -> None:
    data = b"/ELG5GAMA350\r\n\r\n\x00\x82" + ciphered(telegram(ROW))[11:] + b"\r\n!"
    framed = with_checksum(data)
    with pytest.raises(KeyNeeded, match="key is needed"):
        read(framed)
    with pytest.raises(KeyNeeded, match="it cannot be opened"):
        read(framed, keys=[KEY])


def test_a_telegram_with_a_whole_apdu_inside_is_opened() -> None:
    data = b"/TST5\r\n\r\n" + ciphered(telegram(ROW)) + b"\r\n!"
    assert said(read(with_checksum(data), keys=[KEY])) == POWER


def test_a_key_never_shows_in_an_error() -> None:
    for keys in ([], [OTHER], [KEY]):
        with pytest.raises(DecodeError) as caught:
            decode(bare(octets("v20-apdu")[:-1]), keys=keys)
        assert KEY.encryption.hex() not in str(caught.value).lower()


def test_the_library_for_ciphers_is_loaded_only_when_there_is_a_key() -> None:
    code = "import sys, hanlogger.decoding, hanlogger.framing; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
