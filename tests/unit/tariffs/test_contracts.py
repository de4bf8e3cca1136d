"""Several tariffs beside and after each other."""

from __future__ import annotations

from datetime import date

import pytest

from hanlogger.errors import ConfigError
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.contracts import find_gaps, list_missing, refuse_overlaps
from hanlogger.tariffs.model import Tariff
from tests.support.tariffing import HEAD, at, hours, tariff

FEE = '[[fixed]]\nname = "Fee"\nprice = 280\n'


def version(start: str = "", end: str = "", part: str = "grid", head: str = HEAD) -> Tariff:
    dates = (f"valid_from = {start}\n" if start else "") + (f"valid_to = {end}\n" if end else "")
    return tariff(FEE, f'{head}{dates}part = "{part}"\n')


def test_one_may_begin_on_the_day_on_which_another_ends() -> None:
    versions = [version(end="2027-02-15"), version("2027-02-15")]
    refuse_overlaps(versions)
    refuse_overlaps(versions[::-1])
    assert not list(find_gaps(versions))
    assert not list(list_missing(versions, date(2027, 2, 1)))


@pytest.mark.parametrize("start", ["2027-02-14", ""])
def test_two_of_one_part_on_one_day_are_refused(start: str) -> None:
    with pytest.raises(ConfigError, match='both valid for part "grid"'):
        refuse_overlaps([version(end="2027-02-15"), version(start)])
    refuse_overlaps([version(end="2027-02-15"), version(start, part="supply")])


def test_two_currencies_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"is in NOK and .* in SEK; a bill has one currency"):
        refuse_overlaps([version(), version(part="supply", head=HEAD.replace("SEK", "NOK"))])


def test_days_between_two_are_told_and_a_bill_notes_them() -> None:
    versions = [version("2027-02-20"), version(end="2027-02-10")]
    assert [(gap.start, gap.end) for gap in find_gaps(versions)] == [(date(2027, 2, 10), date(2027, 2, 20))]
    assert list(list_missing(versions, date(2027, 2, 1))) == [("grid", (at("2027-02-10"), at("2027-02-20")))]
    assert list(list_missing(versions[:1], date(2027, 2, 1))) == [("grid", (at("2027-02-01"), at("2027-02-20")))]
    assert list(list_missing(versions[1:], date(2027, 2, 1))) == [("grid", (at("2027-02-10"), at("2027-03-01")))]
    bill = make_bill(versions, hours("2027-02-01", "2027-03-01", "1", {}), {}, date(2027, 2, 1))
    assert bill.notes[0].en.startswith('no tariff of part "grid" is valid from 2027-02-09 23:00')


def test_two_versions_in_a_month_each_ask_for_their_days() -> None:
    bill = make_bill([version(end="2027-02-08"), version("2027-02-08")], [], {}, date(2027, 2, 1))
    assert [str(line.amount) for line in bill.lines] == ["70.00", "210.00"]
