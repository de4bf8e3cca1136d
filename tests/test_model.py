"""OBIS codes as meters write them."""

from __future__ import annotations

import pytest

from hanlogger.decoding import decode
from hanlogger.model import Obis
from tests.octets import find, telegram


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


def test_rows_with_letters_are_registers() -> None:
    (frame,) = find(telegram("F.F(00000000)", "C.1.0(12345678)", "1.8.0(0010*kWh)"))
    reading = decode(frame)  # type: ignore[arg-type]
    assert [str(row.obis) for row in reading.registers] == ["F.F", "C.1.0", "1.8.0"]
    assert reading.unread == ()
