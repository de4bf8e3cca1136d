"""The header of a data-notification (Green Book, 9.3.10; docs/protocol.md C.3).

    0F | long-invoke-id-and-priority 4 | date-time | body: one A-XDR value

The date-time has four forms in the field: `00`, none; `0C`, `09 0C` or `19`, and 12 octets.
"""

from __future__ import annotations

from hanlogger.wire import date_time

TAG = 0x0F
BODIES = (0x01, 0x02)
"""The tags of an array and a structure: what a body begins with, also where a gateway passes it on alone."""

DATE_TIME_AT = 5
NO_DATE_TIME = 0x00
FORMS = (b"\x09\x0c", b"\x0c", b"\x19")

_CENTURIES = (b"", b"\x07", b"\x08", b"\xff")
"""How a year begins from 1792 to 2303, and one that is not specified."""
_BODY_TAGS = (b"", *[bytes((tag,)) for tag in BODIES])


def is_header(apdu: bytes) -> bool:
    """Tell whether octets begin like a whole header and the tag of a body, as chance makes them look in no message.

    What is cut short is judged by the octets that there are.
    """
    if apdu[:1] != bytes((TAG,)):
        return False
    place = find_header_date_time(apdu)
    if place is None:
        is_known = apdu[DATE_TIME_AT : DATE_TIME_AT + 1] in (b"", bytes((NO_DATE_TIME,)))
    else:
        is_known = apdu[place.start : place.start + 1] in _CENTURIES
    return is_known and apdu[find_body(apdu) :][:1] in _BODY_TAGS


def find_header_date_time(apdu: bytes) -> range | None:
    """Return where the twelve octets of the header's date-time stand.

    None where the APDU is no notification, has no date-time, or has one in a form that is not known.
    """
    if apdu[0] != TAG:
        return None
    form = next((form for form in FORMS if apdu.startswith(form, DATE_TIME_AT)), None)
    start = DATE_TIME_AT + len(form or b"")
    return None if form is None else range(start, start + date_time.OCTETS)


def find_body(apdu: bytes) -> int:
    """Return where the body begins: of a notification behind its date-time, else at once."""
    if apdu[0] != TAG:
        return 0
    place = find_header_date_time(apdu)
    return DATE_TIME_AT + 1 if place is None else place.stop
