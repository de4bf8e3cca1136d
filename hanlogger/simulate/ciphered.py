"""Encrypted messages, as meters in Denmark, Austria and Luxembourg send them (docs/protocol.md E).

The keys are the published ones of docs/protocol.md V20 and of the Luxembourg specification; no meter uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hanlogger.model import Key
from hanlogger.simulate import dlms, kamstrup, p1
from hanlogger.simulate.house import HouseState
from hanlogger.simulate.quantities import SCALERS, compute_quantities

KEY = Key(bytes(range(16)), bytes.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"))
LUXEMBOURG_KEY = Key(
    KEY.encryption, bytes.fromhex("00112233445566778899AABBCCDDEEFF")
)  # authentication key of all meters
AUSTRIAN_KEY = Key(KEY.encryption)

VIENNA = ZoneInfo("Europe/Vienna")

_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_DANISH_LINK = "41 03 13"
_MBUS_DATA = 245  # octets of data in one long frame, at most
_AUSTRIAN_ROWS = (
    *(("1.8.0", 30, 0), ("2.8.0", 30, 0), ("1.7.0", 27, 0), ("2.7.0", 27, 0)),
    *((f"{c}.7.0", 35, -1) for c in (32, 52, 72)),
    *((f"{c}.7.0", 33, -2) for c in (31, 51, 71)),
    ("13.7.0", 255, -3),
)


def encode_danish(state: HouseState) -> bytes:
    """Return Kamstrup's list of every 10 s in an HDLC frame, encrypted and authenticated."""
    return dlms.hdlc(_DANISH_LINK, dlms.LLC + _encipher(kamstrup.encode_notification(state), KEY, b"KAM", state, 2))


def encode_austrian(state: HouseState) -> bytes:
    """Return a flat list of triples in two M-Bus frames, encrypted only; its clock states its deviation."""
    values = compute_quantities(state)
    local = state.clock.astimezone(VIENNA)
    time = dlms.date_time(local, dlms.deviation(local), 0x80 if local.dst() else 0)
    rows = [dlms.octets(time)]
    for code, unit, scaler in _AUSTRIAN_ROWS:
        number = round(values[code] / 10 ** (scaler - SCALERS.get(code, 0)))
        value = dlms.u32(number) if unit in (27, 30) else dlms.u16(number)
        rows += [dlms.code(f"1-0:{code}"), value, dlms.scaler_unit(scaler, unit)]
    rows.append(dlms.octets(b"1812200%05d" % state.meter))
    plain = dlms.notification(dlms.structure(*rows), b"\x0c" + time, 0x80000000 | _compute_frame_counter(state))
    return b"".join(_wrap_in_mbus(_encipher(plain, AUSTRIAN_KEY, b"SIM", state)))


def encode_luxembourgish(state: HouseState) -> bytes:
    """Return a telegram, encrypted and authenticated, without a frame around it."""
    return _encipher(p1.encode_dsmr5(state), LUXEMBOURG_KEY, b"SAG", state)


def _compute_frame_counter(state: HouseState) -> int:
    """Return the frame counter, which must grow: the seconds since 2020."""
    return int((state.time - _SINCE).total_seconds()) % 2**31


def _encipher(plain: bytes, key: Key, maker: bytes, state: HouseState, length_octets: int = 0) -> bytes:
    """Return a general-glo-ciphering APDU, AES-128-GCM (docs/protocol.md E.2), authenticated if the key has that part.

    length_octets: the octets that the meter uses for the length, if they are more than it needs.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 heavy, and rarely needed

    title = maker + state.meter.to_bytes(5)
    counter = _compute_frame_counter(state).to_bytes(4)
    control = b"\x30" if key.authentication else b"\x20"
    associated = control + key.authentication if key.authentication else None
    sealed = AESGCM(key.encryption).encrypt(title + counter, plain, associated)
    enciphered = sealed[:-4] if key.authentication else sealed[:-16]  # a tag of 96 bits, or none
    content = control + counter + enciphered
    return b"\xdb\x08" + title + _encode_length(len(content), length_octets) + content


def _encode_length(number: int, octets: int = 0) -> bytes:
    """Return a length in BER, in at least `octets` octets after the first."""
    if number < 0x80 and not octets:
        return bytes([number])
    octets = max(octets, (number.bit_length() + 7) // 8)
    return bytes([0x80 | octets]) + number.to_bytes(octets)


def _wrap_in_mbus(apdu: bytes) -> Iterator[bytes]:
    """Yield the APDU in numbered M-Bus long frames, the last one marked (docs/protocol.md E.1)."""
    parts = [apdu[at : at + _MBUS_DATA] for at in range(0, len(apdu), _MBUS_DATA)]
    for number, part in enumerate(parts):
        last = 0x10 if number == len(parts) - 1 else 0
        content = bytes([0x53, 0xFF, last | number, 0x01, 0x67]) + part
        length = bytes([len(content)])
        yield b"\x68" + length * 2 + b"\x68" + content + bytes([sum(content) & 0xFF, 0x16])
