"""What the running logger says of settings that are probably wrong: once when it changes, and as long as it is so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

import pytest

from hanlogger.framing import Framer
from hanlogger.model import Chunk, Frame, Meter, Scale
from hanlogger.running.latest import Latest
from hanlogger.simulate import DIALECTS, simulate_telegrams
from hanlogger.sources import Port

EVENING = datetime(2026, 1, 1, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def listen(latest: Latest, dialect: str, number: int = 60, late: timedelta = timedelta()) -> None:
    """To so many messages of a house; `late`: how far the meter's clock is behind the host's."""
    framer = Framer()
    for at, message in islice(simulate_telegrams(1, EVENING, dialect), number):
        for event in framer.feed(Chunk(message, at + late)):
            assert isinstance(event, Frame)
            latest.note_frame(event)
        latest.update()


def port(dialect: str, *, url: str = "/dev/ttyUSB0", scale: Scale | None = None) -> Port:
    key = DIALECTS[dialect].key
    return Port(url, Meter(name="home", scale=scale or Scale()), keys=(key,) if key else ())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_doubted_of_a_meter_that_is_set_right(dialect: str, caplog: pytest.LogCaptureFixture) -> None:
    latest = Latest(port(dialect))
    listen(latest, dialect)
    assert latest.registers
    assert latest.doubts == {}
    assert caplog.messages == []


def test_a_scale_that_is_probably_wrong_is_said_once_and_not_applied(caplog: pytest.LogCaptureFixture) -> None:
    right, wrong = Latest(port("kamstrup")), Latest(port("kamstrup", scale=Scale(current=Decimal(1))))
    listen(right, "kamstrup")
    listen(wrong, "kamstrup")
    assert wrong.doubts == {"scale.current": "0.01"}
    said = "home: probably a wrong scale, current 100 times too large: hanlogger doctor tells what to set"
    assert caplog.messages == [said]
    code = "1-1:31.7.0"
    assert Decimal(wrong.registers[code].value) == 100 * Decimal(right.registers[code].value)


def test_a_clock_that_is_off_by_a_stable_whole_hour_is_said_once_and_its_end_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    latest = Latest(port("p1-sagemcom"))
    listen(latest, "p1-sagemcom", late=HOUR)
    assert latest.doubts == {"clock": "-1"}
    said = "home: clock 1 h behind: is the setting `clock` right? hanlogger doctor tells what to set"
    assert caplog.messages == [said]
    caplog.set_level("INFO")
    listen(latest, "p1-sagemcom")
    assert latest.doubts == {}
    assert caplog.messages == [said, "home: clock is right again"]


def test_a_file_that_is_read_faster_than_it_was_sent_is_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    latest = Latest(port("p1-sagemcom", url="file:capture.p1"))
    listen(latest, "p1-sagemcom", late=HOUR)
    assert latest.doubts == {}
    assert caplog.messages == []
