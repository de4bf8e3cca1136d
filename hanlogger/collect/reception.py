"""What is taken of a broker's messages: frames and damage go the way of their meter, all else is counted by kind."""

from __future__ import annotations

import logging
import time

from hanlogger.collect.flapping import MANY, FlapWatch
from hanlogger.collect.roster import BrokerMeter, Roster
from hanlogger.framing import Contents, read_contents
from hanlogger.humanize import clean_text
from hanlogger.journal import Journal
from hanlogger.sources import Envelope

LONGEST_TOPIC = 80  # characters of a topic in the log

log = logging.getLogger(__name__)


class Reception:
    """What is taken of the messages of one port. name: under which is counted what belongs to no meter."""

    def __init__(self, name: str, roster: Roster, journal: Journal) -> None:
        self._name, self._roster, self._journal = name, roster, journal
        self._flapping = FlapWatch()

    def take(self, envelope: Envelope) -> None:
        """Take a message as what it is; this never raises, as whatever it contains is to be acknowledged."""
        try:
            contents = read_contents(envelope.data, envelope.received_at)
            if contents.kind is None:
                self._take_frames(envelope, contents)
            else:
                self._count(contents.kind, 1)
                if contents.kind == "status" and not envelope.stale:
                    self._watch_device(envelope)
        except Exception:
            log.exception("%s: a message cannot be looked at, for a fault of hanlogger's", self._name)
            self._count("faults", 1)

    def _take_frames(self, envelope: Envelope, contents: Contents) -> None:
        """Take frames, and damage, of a meter that is known, or that comes into being with them."""
        meter = self._roster.find(envelope.name)
        if not isinstance(meter, BrokerMeter):
            self._count(meter, 1)
            return
        frames = meter.intake.take(contents.events, stale=envelope.stale)
        if envelope.stale:
            self._count("retained", frames)
        elif frames:
            meter.silence.note_telegram(time.monotonic())

    def _watch_device(self, envelope: Envelope) -> None:
        if not self._flapping.note(envelope.topic, envelope.data, time.monotonic()):
            return
        self._count("flapping", 1)
        log.warning(
            "%s: the device of %s was lost %d times in ten minutes: its network is poor, or another device has the "
            "same client id, and each throws the other out",
            self._name,
            clean_text(envelope.topic)[:LONGEST_TOPIC],
            MANY,
        )

    def _count(self, name: str, by: int) -> None:
        if by:
            self._journal.counters.count(self._name, name, by)
