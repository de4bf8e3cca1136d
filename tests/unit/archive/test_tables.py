"""Points as rows of a table: every column, the unit of every measurement, and texts that hold a table's own signs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hanlogger.archive.tables import COLUMNS, write_csv
from hanlogger.model import Point

AT = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def table(*points: Point) -> str:
    file = io.StringIO()
    write_csv(points, file)
    return file.getvalue()


def row(point: Point) -> dict[str, str]:
    (found,) = csv.DictReader(io.StringIO(table(point)))
    return found


def value(measurement: str, number: str = "1", **tags: str) -> Point:
    return Point(measurement, tuple(sorted(tags.items())), (("value", Decimal(number)),), AT)


def test_the_columns_are_these_in_this_order_and_lines_end_as_rfc_4180_says() -> None:
    assert table() == ("time,measurement,meter,obis,phase,direction,tariff,channel,row,value,unit\r\n")
    assert len(COLUMNS) == 11


def test_each_tag_has_its_column_and_a_users_own_tags_have_none() -> None:
    point = value("active_energy_tariff", "1234.500", meter="home", obis="1-0:1.8.1", phase="L1", direction="import",
                  tariff="1", channel="2", row="3", flat="3 tr")  # fmt: skip
    assert table(point).splitlines()[1] == (
        "2026-01-01T12:00:00.250Z,active_energy_tariff,home,1-0:1.8.1,L1,import,1,2,3,1234.5,Wh"
    )


@pytest.mark.parametrize(
    ("measurement", "unit"),
    [
        ("active_power", "W"), ("reactive_power", "var"), ("apparent_power", "VA"), ("active_energy", "Wh"),
        ("active_energy_tariff", "Wh"), ("reactive_energy", "varh"), ("voltage", "V"), ("current", "A"),
        ("frequency", "Hz"), ("power_factor", ""), ("gas", "m3"), ("water", "m3"), ("clock_offset", "s"),
        ("meter_text", ""), ("hanlogger", ""),
    ],
)  # fmt: skip
def test_a_measurement_has_its_unit(measurement: str, unit: str) -> None:
    assert row(value(measurement))["unit"] == unit


def test_a_register_that_is_not_known_has_the_unit_that_its_meter_told() -> None:
    assert row(value("register", unit="GJ"))["unit"] == "GJ"
    assert row(value("register"))["unit"] == ""


@pytest.mark.parametrize(
    ("number", "told"), [("230.10", "230.1"), ("1E+3", "1000"), ("-0", "0"), ("1E-7", "0.0000001")]
)
def test_a_number_is_told_exactly_with_a_decimal_point_and_no_exponent(number: str, told: str) -> None:
    assert row(value("voltage", number))["value"] == told


@pytest.mark.parametrize("text", ["a,b", 'say "hi"', "two\nlines", "é", "", "0123", " x "])
def test_a_text_is_told_as_it_is(text: str) -> None:
    point = Point("meter_text", (("obis", "0-0:96.13.0"),), (("text", text),), AT)
    assert (row(point)["value"], row(point)["obis"]) == (text, "0-0:96.13.0")


def test_a_point_without_a_time_has_none() -> None:
    assert row(Point("voltage", (), (("value", Decimal(1)),), None))["time"] == ""
