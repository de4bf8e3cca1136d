"""What has been learnt of messages, and what comes of it, apart from decoding with care."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger import decoding
from hanlogger.decoding import Content, dlms, p1, units
from hanlogger.errors import DecodeError
from hanlogger.model import Frame, Key, Meter, Reading

METER = Meter()


def with_care(octets: bytes, meter: Meter = METER) -> Reading:
    """Decode the octets as if nothing had been learnt."""
    return p1.decode_telegram(octets.decode("latin-1")) if _is_telegram(octets) else dlms.decode_apdu(octets, meter)


def decode_with_care(frame: Frame, meter: Meter, keys: Sequence[Key] = ()) -> Reading:
    """Decode a frame as if nothing had been learnt; raise DecodeError for whatever is wrong."""
    try:
        content = decoding.open_frame(frame, keys)
        return units.apply_ratio(decoding._read_with_care(content, meter), meter.scale.ratio)
    except decoding._ORDINARY as error:
        raise DecodeError(str(error)) from error


def learn(octets: bytes, meter: Meter = METER) -> None:
    reading, content = with_care(octets, meter), Content(octets, _is_telegram(octets))
    planned = decoding._telegrams if content.is_telegram else decoding._apdus
    planned.learn(octets, reading, decoding._find_places(content, reading, meter))


def by_plan(octets: bytes, meter: Meter = METER) -> Reading | None:
    return (decoding._telegrams if _is_telegram(octets) else decoding._apdus).decode(octets, meter)


def planned(first: bytes, second: bytes) -> bool:
    """Whether the plan of the first, if there is one, gives what decoding the second with care gives, or nothing."""
    learn(first)
    found = by_plan(second)
    return found is None or found == with_care(second)


def forget() -> None:
    decoding._telegrams.plans.clear()
    decoding._apdus.plans.clear()


def count() -> int:
    return len(decoding._telegrams.plans) + len(decoding._apdus.plans)


def _is_telegram(octets: bytes) -> bool:
    return octets.startswith(b"/")
