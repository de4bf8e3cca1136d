"""The messages of tests/fixtures, one folder a family, and what is written beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hanlogger.decoding import decode, link
from hanlogger.decoding.apdu import decode_notification
from hanlogger.decoding.meters import FAMILIES, GENERIC, Family
from hanlogger.framing import find_all
from hanlogger.model import Frame, Reading
from hanlogger.recordings.capture import read_chunks
from tests.support.octets import RECEIVED_AT

FIXTURES = Path(__file__).parents[1] / "fixtures"


class Fixture(NamedTuple):
    """A message, and what it says by the hand of who put it there."""

    name: str  # folder/file
    file: Path
    facts: dict[str, Any]

    @property
    def octets(self) -> bytes:
        if self.file.suffix == ".hex":
            return bytes.fromhex(self.file.read_text("ascii"))
        if self.file.suffix == ".txt":
            return b"".join(chunk.data for chunk in read_chunks(self.file.read_text("ascii").splitlines()))
        return self.file.read_bytes()

    @property
    def frames(self) -> list[Frame]:
        return [event for event in find_all(self.octets, RECEIVED_AT) if isinstance(event, Frame)]

    @property
    def readings(self) -> list[Reading]:
        return [decode(frame) for frame in self.frames]

    @property
    def row(self) -> Family | None:
        """The row of the table that takes the message; None of a telegram."""
        frame = self.frames[0]
        return None if frame.format == "p1" else row_of(link.extract_content(frame))


def row_of(apdu: bytes) -> Family:
    body = decode_notification(apdu).body
    return next((family for family in FAMILIES if family.knows(body)), GENERIC)


def _fixtures() -> Iterator[Fixture]:
    for facts in sorted(FIXTURES.rglob("*.toml")):
        [message] = [file for file in facts.parent.glob(f"{facts.stem}.*") if file != facts]
        yield Fixture(f"{facts.parent.name}/{facts.stem}", message, tomllib.loads(facts.read_text("utf-8")))


FAMILY_FIXTURES = tuple(_fixtures())
