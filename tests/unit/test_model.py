"""OBIS codes as meters write them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from hanlogger.decoding import decode
from hanlogger.model import Key, Meter, Obis, Scale
from tests.support.octets import find, telegram


@pytest.mark.parametrize("code", ["1-0:1.7.0", "0-1:24.2.1", "1.8.0", "14.7", "F.F", "C.1.0", "L.1.0", "1-0:1.8.0*01"])
def test_a_code_is_written_as_the_meter_sent_it(code: str) -> None:
    assert str(Obis.parse(code)) == code


def test_letters_of_reduced_codes_are_the_numbers_of_the_standard() -> None:
    assert Obis.parse("F.F")[2:4] == (97, 97)
    assert Obis.parse("C.1.0")[2:5] == (96, 1, 0)


@pytest.mark.parametrize("text", ["", "1.7", "1-0:1.7.0"])
def test_a_code_of_present_values_prints_no_255(text: str) -> None:
    assert str(Obis.parse(f"{text or '1.7.0'}*255")) == (text or "1.7.0")


@pytest.mark.parametrize("text", ["", "1", "1-0:256.7.0", "1-0:4:24.7.0", "X.1.0", "1-0:1.7.0.3", "١.٧.٠", " 1.8.0"])
def test_what_is_no_code_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="not an OBIS code"):
        Obis.parse(text)


@pytest.mark.parametrize("place", range(6))
def test_each_group_of_a_code_is_an_octet(place: int) -> None:
    highest, beyond = ([255 if at == place else 1 for at in range(6)] for _ in range(2))
    beyond[place] = 256
    assert Obis.parse("{}-{}:{}.{}.{}*{}".format(*highest)) == Obis(*highest)
    with pytest.raises(ValueError, match="not an OBIS code"):
        Obis.parse("{}-{}:{}.{}.{}*{}".format(*beyond))


def test_a_logical_name_is_six_octets_in_this_order() -> None:
    assert Obis.from_bytes(bytes((1, 2, 3, 4, 5, 255))) == Obis(1, 2, 3, 4, 5)
    assert str(Obis(1, 2, 3, 4, 5, 7)) == "1-2:3.4.5*07"
    assert [str(Obis(None, None, c, 1)) for c in (95, 96, 97, 98, 99)] == ["95.1", "C.1", "F.1", "L.1", "P.1"]


def test_settings_of_a_meter_cannot_be_changed_and_are_equal_by_their_values() -> None:
    for one, name in ((Meter("home"), "clock"), (Scale(), "ratio")):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, None)
    assert Meter("home", tags={"flat": "3"}) == Meter("home", tags={"flat": "3"}) != Meter("home")
    assert Scale(energy=Decimal(10)) == Scale(energy=Decimal("10.0")) != Scale()
    assert Meter().clock == "auto"
    assert Meter().clock_limit == 86_400.0
    assert Scale().ratio == 1


def test_a_key_shows_nothing_of_itself() -> None:
    key = Key(bytes.fromhex("00112233445566778899AABBCCDDEEFF"), bytes(range(16)))
    for text in (repr(key), str(key), f"{key}", f"{[key]}"):
        assert "11" not in text
        assert "x01" not in text
        assert "Key" in text


def test_rows_with_letters_are_registers() -> None:
    (frame,) = find(telegram("F.F(00000000)", "C.1.0(12345678)", "1.8.0(0010*kWh)"))
    reading = decode(frame)  # type: ignore[arg-type]
    assert [str(row.obis) for row in reading.registers] == ["F.F", "C.1.0", "1.8.0"]
    assert reading.unread == ()
