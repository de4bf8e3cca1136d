"""A tariff in words, so that its owner can hold it against the company's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from hanlogger.language import Text, to_both
from hanlogger.tariffs import phrases
from hanlogger.tariffs.describe_power import describe_power
from hanlogger.tariffs.model import EnergyLine, FixedLine, Line, PowerLine, Rate, SupportLine, Tariff, Validity
from hanlogger.tariffs.wording import DAYS_OFF, join_sentence, negate, say_money, say_tax

HEAD = {
    "from": Text("Valid from {start}.", "Gäller från och med {start}."),
    "to": Text("Valid to {last} inclusive.", "Gäller till och med {last}."),
    "from to": Text("Valid from {start} to {last} inclusive.", "Gäller från och med {start} till och med {last}."),
    "always": Text("Valid without a limit in time.", "Gäller utan tidsgräns."),
}
COMPANY = Text("Company: {company}.", "Företag: {company}.")
CUSTOMERS = Text("For: {customers}.", "För: {customers}.")
CHOSEN = Text("Chosen for you: {choices}.", "Valt för dig: {choices}.")
PART = Text("Part of the contracts: {part}. Currency: {currency}.", "Del av avtalen: {part}. Valuta: {currency}.")
SOURCE = Text("Figures from: {source}, {date}.", "Uppgifter från: {source}, {date}.")
TIME = {
    "legal": Text(
        "Hours, days and months: legal time with daylight saving time, {zone}.",
        "Timmar, dygn och månader: lagstadgad tid med sommartid, {zone}.",
    ),
    "standard": Text(
        "Hours, days and months: standard time all year, {zone}.",
        "Timmar, dygn och månader: normaltid hela året, {zone}.",
    ),
}
SINCE = Text("Peaks count from {day} on.", "Toppar räknas från och med {day}.")
FIXED = {
    "month": Text("{price} a month", "{price} per månad"),
    "months": Text("{price} a year, a twelfth of it each month", "{price} per år, en tolftedel varje månad"),
    "days": Text("{price} a year, by the days of the month", "{price} per år, efter månadens dagar"),
    "day": Text("{price} a day", "{price} per dygn"),
}
KWH = Text("{price} for each kWh{when}", "{price} per kWh{when}")
SPOT = Text("{share} % of the spot price{plus} for each kWh{when}", "{share} % av spotpriset{plus} per kWh{when}")
PLUS = Text(" and {price}", " och {price}")
LESS = Text(" less {price}", " minus {price}")
WHEN = Text(": {when}", ": {when}")
OTHERWISE = Text(" at all other times", " all annan tid")
SOLD = Text("{tax}; paid to you", "{tax}; betalas till dig")
ALL_SPOT = Text("The spot price{plus} for each kWh{when}", "Spotpriset{plus} per kWh{when}")
SPOT_BY = {
    "hour": Text("The spot price is the mean of the hour's.", "Spotpriset är timmens medelpris."),
    "month": Text(
        "The spot price is the seller's own of the month, known for {months}.",
        "Spotpriset är leverantörens eget för månaden, känt för {months}.",
    ),
}
STANDARD = Text("Its hours are in standard time all year.", "Dess timmar är i normaltid hela året.")
SUPPORT = {
    "stromstotte": Text(
        "Taken off: {share} % of what the hour's spot price is above {price} for each kWh",
        "Dras av: {share} % av det som timmens spotpris ligger över {price} per kWh",
    ),
    "norgespris": Text(
        "Each hour's spot price is replaced by {price} for each kWh: the difference is taken off or added",
        "Varje timmes spotpris ersätts av {price} per kWh: skillnaden dras av eller läggs till",
    ),
}
CAP = Text("Only for the first {cap} kWh of a month.", "Bara för de första {cap} kWh i månaden.")


class Section(NamedTuple):
    """A part of the description: the tariff as a whole, or one of its lines."""

    title: str
    sentences: tuple[Text, ...]


def describe(tariff: Tariff) -> list[Section]:
    """Return a tariff in words: first the whole, then its lines in the order of the bill."""
    head = Section(tariff.name, tuple(_describe_head(tariff)))
    return [head, *(Section(line.name, tuple(_describe_line(line, tariff))) for line in tariff.list_all_lines())]


def _describe_head(tariff: Tariff) -> Iterator[Text]:
    if tariff.company:
        yield COMPANY.fill(company=tariff.company)
    if tariff.customers:
        yield CUSTOMERS.fill(customers=tariff.customers)
    yield PART.fill(part=tariff.part, currency=tariff.currency)
    yield _describe_validity(tariff.valid) or HEAD["always"]
    yield TIME[tariff.clock.time].fill(zone=tariff.clock.zone)
    if tariff.customer:
        yield CHOSEN.fill(choices=", ".join(f"{key} {value}" for key, value in tariff.customer))
    if tariff.customer_since:
        yield SINCE.fill(day=str(tariff.customer_since))
    yield SOURCE.fill(source=tariff.source, date=str(tariff.source_date))
    yield from map(to_both, tariff.notes)


def _describe_validity(valid: Validity) -> Text | None:
    last = str(valid.end - timedelta(days=1)) if valid.end else ""
    form = " ".join(word for word, day in (("from", valid.start), ("to", valid.end)) if day)
    return HEAD[form].fill(start=str(valid.start), last=last) if form else None


def _describe_line(line: Line, tariff: Tariff) -> Iterator[Text]:
    if isinstance(line, FixedLine):
        form = FIXED[line.year_by if line.per == "year" else line.per]
        yield join_sentence(form.fill(price=say_money(line.price, tariff)), say_tax(line.price))
    elif isinstance(line, EnergyLine):
        yield from _describe_energy(line, tariff)
    elif isinstance(line, SupportLine):
        yield from _describe_support(line, tariff)
    else:
        yield from describe_power(line, tariff)
    if valid := _describe_validity(line.valid):
        yield valid
    if isinstance(line, EnergyLine | PowerLine) and line.clock.time != tariff.clock.time:
        yield STANDARD if line.clock.time == "standard" else TIME["legal"].fill(zone=line.clock.zone)


def _describe_energy(line: EnergyLine, tariff: Tariff) -> Iterator[Text]:
    for number, rate in enumerate(line.rates):
        text = _describe_rate(rate, tariff, last=bool(number) and not rate.when)
        named = Text(f"{rate.name}: {text.en}", f"{rate.name}: {text.sv}") if rate.name else text
        added = say_tax(rate.price)
        yield join_sentence(named, SOLD.fill(tax=added) if line.direction == "export" else added)
    if line.spot_by in SPOT_BY and any(rate.spot for rate in line.rates):
        yield SPOT_BY[line.spot_by].fill(months=", ".join(f"{month:%Y-%m}" for month in sorted(line.month_prices)))
    for days in phrases.list_days_off(*(rate.when for rate in line.rates)):
        yield DAYS_OFF.fill(days=phrases.say_days_off(days))


def _describe_rate(rate: Rate, tariff: Tariff, *, last: bool) -> Text:
    when = WHEN.fill(when=phrases.say_when(rate.when)) if rate.when else OTHERWISE if last else to_both("")
    price = say_money(rate.price, tariff)
    if not rate.spot:
        return KWH.fill(price=price, when=when)
    plus = to_both("")
    if rate.price.value:
        plus = (
            PLUS.fill(price=price) if rate.price.value > 0 else LESS.fill(price=say_money(negate(rate.price), tariff))
        )
    return (ALL_SPOT if rate.spot == 1 else SPOT).fill(share=Fraction(rate.spot) * 100, plus=plus, when=when)


def _describe_support(line: SupportLine, tariff: Tariff) -> Iterator[Text]:
    form = SUPPORT[line.scheme]
    price = say_money(line.threshold, tariff)
    yield join_sentence(form.fill(share=Fraction(line.share) * 100, price=price), say_tax(line.threshold))
    if line.cap is not None:
        yield CAP.fill(cap=line.cap)
