"""What the page *Peaks and cost* shows: a month's bill by the tariffs of the settings, its peaks, the running hour."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from hanlogger.config.tariff_files import load_tariffs
from hanlogger.costs.months import read_month
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import round_to
from hanlogger.prices.loading import load_prices
from hanlogger.status.costs import RunningState
from hanlogger.tariffs.bill import Bill, make_bill
from hanlogger.tariffs.bill_lines import CENTS, BillLine
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.peaks import Peak
from hanlogger.tariffs.power import PowerCost
from hanlogger.web.language import PageSpeech
from hanlogger.web.periods import Period, find_period
from hanlogger.web.site import Site


class CostLine(NamedTuple):
    """A line of the bill in words."""

    name: str
    quantity: str
    amount: str
    how: str
    quality: str  # "" where it is measured


class PeakLine(NamedTuple):
    """One of the peaks on which a fee is based."""

    at: str
    power: str
    share: float  # per cent of the greatest


class FeeView(NamedTuple):
    """A fee for power with its peaks."""

    name: str
    power: str
    fee: str
    peaks: tuple[PeakLine, ...]
    running: str  # what the running hour may be; "" where nothing is to be said


class CostsView(NamedTuple):
    """A month's bill with its peaks."""

    title: str
    total: str
    quality: str
    lines: tuple[CostLine, ...]
    fees: tuple[FeeView, ...]
    notes: tuple[str, ...]
    previous: date
    next: date | None


def view_costs(site: Site, meter: str, day: date, say: PageSpeech) -> CostsView:
    """Return the bill of the month of a day. ConfigError where a tariff's file is wrong now."""
    month, now = find_period("month", day), site.now
    tariffs = load_tariffs(site.settings.tariffs.get(meter, ()))
    bill = _read_bill(site, meter, tariffs, month.first, now)
    running = _find_running(site, meter) if now < tariffs[0].clock.find_month(month.first).end else {}
    return CostsView(
        f"{say.month(month.first.month).capitalize()} {month.first.year}",
        _say_money(bill.known, bill.currency, say),
        _say_quality(bill.quality, say),
        tuple(_view_line(line, bill, say) for line in bill.lines),
        tuple(_view_fee(cost, bill, running.get(cost.line.name), say) for cost in bill.powers),
        tuple(_list_notes(bill, say)),
        month.previous.first,
        _find_next(month, now, say),
    )


def _read_bill(site: Site, meter: str, tariffs: Sequence[Tariff], month: date, now: datetime) -> Bill:
    """Return a month's bill; where the journal cannot be read now, one without energy."""
    with contextlib.suppress(JournalUnavailable), site.history.open_journal() as journal:
        if journal:
            prices = partial(load_prices, journal, site.settings.price)
            return read_month(journal, meter, tariffs, prices, month, now)
    return make_bill(tariffs, (), {}, month, now)


def _find_running(site: Site, meter: str) -> Mapping[str, RunningState]:
    """Return the running hour of each fee, as the logger reports it."""
    reported = site.get_meter_state(meter)
    fees = reported.costs.fees if reported and reported.costs else ()
    return {fee.line: fee.running for fee in fees if fee.running}


def _find_next(month: Period, now: datetime, say: PageSpeech) -> date | None:
    return month.next.first if month.next.first <= now.astimezone(say.zone).date() else None


def _say_money(amount: Decimal, currency: str, say: PageSpeech) -> str:
    return say.amount(amount, currency, 2)


def _say_quality(quality: str, say: PageSpeech) -> str:
    return "" if quality == "measured" else say(f"costs.{quality.replace(' ', '_')}")


def _view_line(line: BillLine, bill: Bill, say: PageSpeech) -> CostLine:
    quantity = "–" if line.quantity is None else say.amount(float(line.quantity), say(f"costs.unit_{line.unit}"), 2)
    return CostLine(
        line.name,
        quantity,
        _say_money(line.known, bill.currency, say),
        line.how.to(say.language),
        _say_quality(line.quality, say),
    )


def _view_fee(cost: PowerCost, bill: Bill, running: RunningState | None, say: PageSpeech) -> FeeView:
    chosen = [peak for peaks in cost.peaks for peak in peaks.chosen]
    most = max((peak.kw for peak in chosen), default=Fraction(0))
    return FeeView(
        cost.line.name,
        say.amount(float(cost.kw), "kW", 2),
        _say_money(round_to(cost.fee, CENTS), bill.currency, say),
        tuple(_view_peak(peak, most, say) for peak in chosen),
        say_running(running, say) if running else "",
    )


def _view_peak(peak: Peak, most: Fraction, say: PageSpeech) -> PeakLine:
    power = say.amount(float(peak.kw), "kW", 2)
    return PeakLine(say.minute(peak.start), power, float(100 * peak.kw / most) if most else 0.0)


def say_running(running: RunningState, say: PageSpeech) -> str:
    """Return the forecast of the running hour, and the power that does not raise the fee."""
    until = say.clock(running.end)
    forecast = say("costs.forecast", until=until, power=say.amount(float(running.forecast), "kW", 2))
    if running.limit is None or running.allowed is None:
        return forecast
    allowed = say("costs.allowed", until=until, power=say.amount(float(running.allowed), "kW", 1))
    return f"{forecast} {say('costs.too_much') if running.least > running.limit else allowed}"


def _list_notes(bill: Bill, say: PageSpeech) -> Iterator[str]:
    yield from (note.to(say.language) for note in bill.notes)
    if bill.missing:
        yield say("costs.missing")
    if bill.quality == "unknown":
        yield say("costs.no_prices")
