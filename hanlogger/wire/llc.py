"""The LLC header before an APDU in HDLC (docs/protocol.md C.3): destination, source, quality."""

from __future__ import annotations

HEADERS = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
"""From a meter; to a meter, which some stacks send as well."""

SENT = HEADERS[0]
OCTETS = 3


def strip_llc(octets: bytes) -> bytes:
    """Return the octets without the LLC header, if they begin with one."""
    return octets[OCTETS:] if octets.startswith(HEADERS) else octets
