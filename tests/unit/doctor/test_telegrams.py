"""What the doctor says of what telegrams say: keys, clocks, scales."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.doctor import Finding, Level
from hanlogger.hostclock import HostClock
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter, Scale
from hanlogger.plausibility import ScaleWatch
from hanlogger.simulate import DIALECTS, House, dlms, simulate_telegrams
from tests.support.doctoring import SHORT, bridge, english, examined, keys, now_telegram, wrong
from tests.support.octets import telegram
from tests.support.telegrams import ROWS, octets_of

POWER_ALONE = 60  # octets
LINK_COMMAND = bytes.fromhex("7ea00741039342a27e")
HOUR = timedelta(hours=1)


def one(findings: list[Finding], start: str) -> Finding:
    """The one finding whose key begins so."""
    (found,) = [finding for finding in findings if finding.key.startswith(start)]
    return found


def message(dialect: str) -> Callable[[], bytes]:
    """What a simulated meter sends now."""

    def now() -> bytes:
        return DIALECTS[dialect].pushes[-1].encode(House(1, datetime.now(UTC) - HOUR).compute_state(datetime.now(UTC)))

    return now


# --- keys


@pytest.mark.parametrize("dialect", ["kamstrup-dk", "austria"])
def test_a_key_that_is_missing_is_told_with_the_system_title(tmp_path: Path, dialect: str) -> None:
    with bridge(message(dialect)) as url:
        found = wrong(examined(tmp_path, port=url))
    assert found.key == "key-missing"
    assert "system title" in english(found)
    assert "grid company" in english(found)


def test_a_key_that_does_not_fit_is_told(tmp_path: Path) -> None:
    with bridge(message("kamstrup-dk")) as url:
        found = wrong(examined(tmp_path, port=url, keys="00112233445566778899AABBCCDDEEFF:" + "11" * 16))
    assert found.key == "key-wrong"
    assert "0011223344" not in english(found)


def test_a_key_that_fits_is_well(tmp_path: Path) -> None:
    key = DIALECTS["kamstrup-dk"].key
    assert key is not None
    assert key.authentication is not None
    with bridge(message("kamstrup-dk")) as url:
        found = examined(tmp_path, port=url, keys=f"{key.encryption.hex()}:{key.authentication.hex()}")
    assert one(found, "decoded").level is Level.WELL


def test_a_recorded_encrypted_message_without_a_key_is_told(tmp_path: Path, corpus: Path) -> None:
    with bridge(octets_of(corpus, "netz-noe-at-mbus-encrypted-doc-example")) as url:
        assert wrong(examined(tmp_path, port=url)).key == "key-missing"


def test_a_whole_frame_that_says_nothing_is_told(tmp_path: Path) -> None:
    with bridge(dlms.hdlc("41088313", b"\xe6\xe7\x00\x0f\x40\x00\x00\x00\x00\x02\x05\x12")) as url:
        assert wrong(examined(tmp_path, port=url)).key == "not-decoded"


def test_a_row_that_cannot_be_read_is_a_warning_that_quotes_it(tmp_path: Path) -> None:
    with bridge(lambda: now_telegram(timedelta(), *ROWS[1:], "garbage row without groups")) as url:
        found = examined(tmp_path, port=url)
    assert one(found, "decoded").level is Level.WELL
    assert one(found, "unread").level is Level.WARNING
    assert "1 of 7 values cannot be read: garbage row without groups" in english(one(found, "unread"))


def test_telegrams_without_a_value_are_not_well(tmp_path: Path) -> None:
    with bridge(telegram()) as url:
        found = one(examined(tmp_path, port=url), "decoded")
    assert (found.key, found.level) == ("decoded-none", Level.WARNING)


@pytest.mark.parametrize(
    ("key", "information", "words"),
    [
        ("part-missing", "e6e700e0c000030000 05776f726c64", "whose block 1 is missing"),
        ("link-command", "", "a command of the link"),
    ],
)
def test_what_is_no_message_is_no_kind_of_message_to_report(
    tmp_path: Path, key: str, information: str, words: str
) -> None:
    sent = dlms.hdlc("410313", bytes.fromhex(information)) if information else LINK_COMMAND
    with bridge(sent) as url:
        found = wrong(examined(tmp_path, wait=SHORT, port=url))
    assert found.key == key
    assert words in english(found)
    assert "does not know this kind" not in english(found)


# --- clocks


def heard(tmp_path: Path, make: Callable[[], bytes], clock: str = "auto") -> list[Finding]:
    with bridge(make) as url:
        return examined(tmp_path, port=url, clock=clock)


def test_a_clock_that_is_right_is_well(tmp_path: Path) -> None:
    assert one(heard(tmp_path, now_telegram), "clock").key == "clock"


@pytest.mark.parametrize(
    ("sent", "setting", "right"),
    [("utc", "normal-time", "utc"), ("normal-time", "utc", "auto"), ("Helsinki", "auto", "+02:00")],
)
def test_a_clock_that_is_off_by_whole_hours_is_told_with_the_right_setting(
    tmp_path: Path, sent: str, setting: str, right: str
) -> None:
    """The meter's clock runs as `sent`; the settings say otherwise. In summer legal time fits a Finnish clock too."""
    ahead = {"utc": -HOUR, "normal-time": timedelta(), "Helsinki": HOUR}[sent]
    found = wrong(heard(tmp_path, lambda: now_telegram(ahead), clock=setting))
    assert found.key == "clock-hours"
    assert any(f'clock = "{fits}"' in english(found) for fits in (right, "local" if sent == "Helsinki" else right))


def test_a_clock_that_is_off_by_hours_that_no_setting_mends_is_told(tmp_path: Path) -> None:
    found = wrong(heard(tmp_path, lambda: now_telegram(7 * HOUR)))
    assert found.key == "clock-hours-unknown"
    assert "+7 h" in english(found)


@pytest.mark.parametrize(
    ("ahead", "key"), [(timedelta(minutes=12), "clock-ahead"), (-timedelta(minutes=3), "clock-behind")]
)
def test_a_clock_that_drifts_is_told(tmp_path: Path, ahead: timedelta, key: str) -> None:
    found = one(heard(tmp_path, lambda: now_telegram(ahead)), "clock")
    assert (found.key, found.level) == (key, Level.WARNING)
    assert "grid company" in english(found)


def test_a_clock_that_was_never_set_is_told(tmp_path: Path) -> None:
    never = telegram("0-0:1.0.0(000101010000W)", *ROWS[1:])
    assert one(heard(tmp_path, lambda: never), "clock").key == "clock-never-set"


def test_the_recorded_clock_that_was_never_set_is_told(tmp_path: Path, corpus: Path) -> None:
    never = (corpus / "bad-clock-never-set-nl-p1.p1").read_bytes()
    assert one(heard(tmp_path, lambda: never), "clock").key == "clock-never-set"


def test_a_meter_without_a_clock_is_noted(tmp_path: Path) -> None:
    assert one(heard(tmp_path, lambda: telegram(*ROWS[1:])), "clock").key == "clock-none"


def test_a_computer_that_does_not_know_the_time_judges_no_clock(tmp_path: Path) -> None:
    with bridge(lambda: now_telegram(7 * HOUR)) as url:
        found = examined(tmp_path, port=url, host_clock=HostClock(lambda: False))
    assert one(found, "host-clock").key == "host-clock-unset"
    assert not [key for key in keys(found) if key.startswith("clock")]


# --- scales


def record(folder: Path, dialect: str, meter: Meter, hours: float) -> None:
    """The last hours of a simulated house; of lists of a power alone one in twenty."""
    start = datetime.now(UTC) - timedelta(hours=hours)
    entries = []
    for number, (time, data) in enumerate(simulate_telegrams(1, start, dialect)):
        if time > start + timedelta(hours=hours):
            break
        if len(data) > POWER_ALONE or number % 20 == 0:
            entries.append(Entry(Frame("p1" if data[:1] == b"/" else "hdlc", data, time), meter))
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.records.append(entries)


def test_an_energy_in_the_wrong_scale_is_told_with_the_right_one(tmp_path: Path) -> None:
    """A Kamstrup that counts in 10 Wh, set up as one that counts in 1 Wh."""
    record(tmp_path, "kamstrup", Meter("home", scale=Scale(energy=Decimal(1))), 5)
    with bridge(message("kamstrup")) as url:
        found = one(examined(tmp_path, port=url, scale_energy="1"), "scale")
    assert (found.key, found.level) == ("scale-energy-small", Level.WARNING)
    assert "scale.energy = 10" in english(found)


def test_a_current_in_the_wrong_scale_is_told_with_the_right_one(tmp_path: Path) -> None:
    record(tmp_path, "kamstrup", Meter("home"), 1)
    with bridge(message("kamstrup")) as url:
        found = one(examined(tmp_path, port=url, scale_current="0.001"), "scale")
    assert found.key == "scale-current-small"
    assert "scale.current = 0.01" in english(found)


@pytest.mark.parametrize("dialect", ["p1-sagemcom", "kamstrup", "aidon-no", "kaifa-no", "aidon-se"])
def test_what_meters_send_is_believed(tmp_path: Path, dialect: str) -> None:
    record(tmp_path, dialect, Meter("home"), 5 if dialect.endswith(("no", "kamstrup")) else 1)
    with bridge(message(dialect)) as url:
        found = one(examined(tmp_path, port=url), "scale")
    assert found.level in (Level.WELL, Level.NOTE), found


def test_without_a_recording_nothing_is_said_of_the_scale(tmp_path: Path) -> None:
    assert one(heard(tmp_path, now_telegram), "scale").key == "scale-unknown"


def test_real_messages_are_believed(corpus: Path) -> None:
    """U · I against P and Q, of every real meter whose message has them: each seen as if it came all day."""
    from hanlogger.decoding import decode
    from hanlogger.errors import DecodeError
    from hanlogger.framing import find_all

    doubted, compared = [], 0
    for file in sorted((*corpus.glob("*.p1"), *corpus.glob("*.hex"))):
        for event in find_all(file.read_bytes(), datetime.now(UTC)):
            if not isinstance(event, Frame):
                continue
            try:
                reading = decode(event)
            except DecodeError:
                continue
            watch = ScaleWatch()
            for _ in range(30):
                watch.feed(reading, datetime.now(UTC))
            compared += len(watch._currents) > 0
            doubted += [(file.name, doubt) for doubt in watch.doubts]
    assert doubted == []
    assert compared > 30
