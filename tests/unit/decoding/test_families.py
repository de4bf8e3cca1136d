"""Each family of meters is proved by messages in the repository, and the template of a family is one that works."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from hanlogger.decoding import decode, dlms
from hanlogger.decoding.meters import FAMILIES, GENERIC, _template
from hanlogger.decoding.meters.family import Family
from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.model import BadFrame, Meter, Reading
from tests.support.axdr import date_time, notification, octets, structure, text, u16, u32
from tests.support.families import FAMILY_FIXTURES, FIXTURES, Fixture
from tests.support.octets import RECEIVED_AT
from tests.support.readings import bare, said, when
from tools.layout import draw, find_bodies

FOLDERS_OF_NO_FAMILY = {"generic", "p1"}


def by_name(fixture: Fixture) -> str:
    return fixture.name


@pytest.mark.parametrize("fixture", FAMILY_FIXTURES, ids=by_name)
def test_a_message_of_a_family_says_what_is_written_beside_it(fixture: Fixture) -> None:
    facts = fixture.facts
    for _ in range(2):  # the second time by the plan for its shape, where it has one
        reading = fixture.readings[0]
        assert list(said(reading).items()) == list(facts["registers"].items())
        assert said(Reading(reading.objects)) == facts.get("objects", {})
        assert list(reading.closed) == facts.get("closed", [])
        assert when(reading) == facts.get("time")
        assert reading.hourly is facts.get("hourly", False)
        assert reading.family == facts["family"]


@pytest.mark.parametrize("fixture", FAMILY_FIXTURES, ids=by_name)
def test_a_message_of_a_family_is_whole_and_wholly_read(fixture: Fixture) -> None:
    assert not [event for event in find_all(fixture.octets, RECEIVED_AT) if isinstance(event, BadFrame)]
    assert fixture.readings
    assert not [unread for reading in fixture.readings for unread in reading.unread]
    assert {reading.family for reading in fixture.readings} == {fixture.facts["family"]}


@pytest.mark.parametrize("family", [*FAMILIES, GENERIC], ids=lambda family: family.name or "generic")
def test_every_row_of_the_table_has_a_message(family: Family) -> None:
    assert any(fixture.row is family for fixture in FAMILY_FIXTURES)


def test_the_folders_are_those_of_the_families() -> None:
    folders = {fixture.file.parent.name for fixture in FAMILY_FIXTURES}
    assert folders == {family.name for family in FAMILIES} | FOLDERS_OF_NO_FAMILY
    for fixture in FAMILY_FIXTURES:
        folder = fixture.file.parent.name
        assert fixture.facts["family"] == ("" if folder in FOLDERS_OF_NO_FAMILY else folder)


def test_every_message_in_the_folder_of_a_family_says_what_it_says() -> None:
    folders = {fixture.file.parent for fixture in FAMILY_FIXTURES}
    files = {file for folder in folders for file in folder.iterdir() if file.suffix != ".toml"}
    assert files == {fixture.file for fixture in FAMILY_FIXTURES}
    assert all(folder.parent == FIXTURES for folder in folders)


# --- the template

NORDLYS = structure(text("NORDLYS_1"), text("735999000001"), u32(2345), u16(2312), u16(1023), u32(700123))


def nordlys(local: datetime) -> Reading:
    return decode(bare(notification(NORDLYS, b"\x0c" + date_time(local))), Meter())


def test_the_template_is_a_family_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dlms, "FAMILIES", (_template.FAMILY, *FAMILIES))
    reading = nordlys(datetime(2024, 7, 1, 12, 0, 10))  # noqa: DTZ001
    assert said(reading) == {
        "1-1:0.2.129": "NORDLYS_1",
        "0-0:96.1.0": "735999000001",
        "1-0:1.7.0": "2345 W",
        "1-0:32.7.0": "231.2 V",
        "1-0:31.7.0": "10.23 A",
        "1-0:1.8.0": "7001230 Wh",
    }
    assert when(reading) == "2024-07-01 10:00:10"
    assert (reading.family, reading.hourly, reading.unread) == ("nordlys", False, ())
    assert nordlys(datetime(2024, 7, 1, 12)).hourly  # noqa: DTZ001


def test_the_template_takes_no_message_of_a_real_meter() -> None:
    assert _template.FAMILY not in FAMILIES
    with pytest.raises(DecodeError, match="register"):
        nordlys(datetime(2024, 7, 1, 12, 0, 10))  # noqa: DTZ001


# --- the drawing of a layout


def test_a_layout_is_drawn_value_by_value_with_the_letters_that_a_family_gives(tmp_path: Path) -> None:
    inner = structure(octets(b"KFM_001"), octets(b"\x01\x00\xff"), structure(u16(7)))
    file = tmp_path / "message"
    file.write_bytes(notification(structure(text("NORDLYS_1"), u32(2345), inner)))
    [body] = find_bodies(file)
    drawn = ["s 'NORDLYS_1'", "I 2345", "-", "    s b'KFM_001'", "    s 01 00 ff", "    -", "        H 7"]
    assert list(draw(body)) == drawn


def test_a_telegram_has_no_layout_to_draw() -> None:
    assert list(find_bodies(FIXTURES / "vectors" / "v2.p1")) == []
