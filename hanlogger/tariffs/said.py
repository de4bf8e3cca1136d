"""How a line of a bill was found, in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from hanlogger.language import Text, join, to_both
from hanlogger.tariffs.calendar import Clock, Period, count_days_of_month, count_days_of_year
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.model import EnergyLine, FixedLine
from hanlogger.tariffs.peaks import Peak, Peaks
from hanlogger.tariffs.power import PowerCost, find_step
from hanlogger.tariffs.rates import KnownLine

GAP = "time unknown"
"""What a rate is called where it is not known when the energy was used."""

AMOUNTS: dict[Known, Text] = {
    "measured": Text("{amount}", "{amount}"),
    "at least": Text("at least {amount}", "minst {amount}"),
    "incomplete": Text("{amount} of the energy that is known", "{amount} för den energi som är känd"),
    "unknown": Text("unknown, {amount} of it known", "okänd, varav {amount} känd"),
}
FIXED = {
    "month": Text("{price} a month", "{price} per månad"),
    "months": Text("{price} a year / 12", "{price} per år / 12"),
    "days": Text("{price} a year × {days}/{year}", "{price} per år × {days}/{year}"),
    "day": Text("{price} a day × {days}", "{price} per dygn × {days}"),
}
PART = Text("{text}, valid {days} of {of} days", "{text}, gäller {days} av {of} dagar")
SUM = Text("sum over all intervals", "summan över alla intervall")
SPOT = Text(
    "sum over all intervals of energy × ({share} × spot price {sign} {price})",
    "summan över alla intervall av energi × ({share} × spotpris {sign} {price})",
)
LEAST = Text(
    "not known when it was used: energy × the lowest price of that time",
    "okänt när den användes: energi × tidens lägsta pris",
)
SUPPORT = Text("sum over all hours, by the hour's spot price", "summan över alla timmar, efter timmens spotpris")
UNKNOWN = Text(
    "{how}; without {kwh} kWh whose price is missing, first at {at} UTC",
    "{how}; utan {kwh} kWh vars pris saknas, först {at} UTC",
)
PEAK = Text("{kw} ({at})", "{kw} ({at})")
GAP_PEAK = Text("at least {kw} (mean from {at} to {end})", "minst {kw} (medel från {at} till {end})")
WEIGHTED = Text("{kw} ({at}, counts as {weighted})", "{kw} ({at}, räknas som {weighted})")
MEAN = Text("mean of {peaks}", "medel av {peaks}")
ONE = Text("{peaks}", "{peaks}")
OF = Text("{text}; {found} of {count} peaks", "{text}; {found} av {count} toppar")
STEP = Text("{text}: step from {start} kW", "{text}: steget från {start} kW")
BASE = Text("{base} + {price} × kW, of {text}", "{base} + {price} × kW, av {text}")
EACH = Text("{price} for each of {text}", "{price} för var och en av {text}")
EXCLUDED = Text("{text}; without hours known in part: {hours}", "{text}; utan delvis kända timmar: {hours}")
OVER = Text("{text}; mean of {months} months", "{text}; medel av {months} månader")
NONE = Text("no peak known", "ingen topp känd")
NO_TARIFF = Text(
    'no tariff of part "{part}" is valid from {start} to {end}',
    "ingen tariff för del ”{part}” gäller från {start} till {end}",
)


def explain_fixed(line: FixedLine, days: int, month: date) -> Text:
    """Return how a fixed line was found."""
    form = FIXED[line.year_by if line.per == "year" else line.per]
    text = form.fill(price=line.price.gross, days=days, year=count_days_of_year(month.year))
    if days == count_days_of_month(month) or "{days}" in form.en:
        return text
    return PART.fill(text=text, days=days, of=count_days_of_month(month))


def explain_energy(line: KnownLine, rate: int | None, unknown: Fraction, first: datetime | None) -> Text:
    """Return how an energy line was found."""
    how = SUPPORT
    if isinstance(line, EnergyLine):
        how = LEAST if rate is None else SUM
        if rate is not None and line.rates[rate].spot:
            price = line.rates[rate].price
            sign, size = ("+", price.gross) if price.gross >= 0 else ("−", -price.gross)
            how = SPOT.fill(share=Fraction(line.rates[rate].spot) * price.factor, sign=sign, price=size)
    return UNKNOWN.fill(how=how, kwh=unknown, at=first) if first else how


def name_rate(line: KnownLine, rate: int | None) -> str:
    """Return what a rate is called: its name, else its number; nothing where it is the only one."""
    if rate is None:
        return GAP
    if not isinstance(line, EnergyLine) or len(line.rates) == 1:
        return ""
    return line.rates[rate].name or str(rate + 1)


def explain_power(cost: PowerCost) -> Text:
    """Return how the fee for power was found, with its peaks and their times."""
    text = join((_explain_component(peaks, cost) for peaks in cost.peaks), between="; ")
    if cost.line.over == "mean of 12 months":
        text = OVER.fill(text=text, months=len(cost.others) + 1)
    if cost.line.billing == "steps":
        return STEP.fill(text=text, start=cost.line.steps[find_step(cost.line, cost.kw)].start)
    if cost.line.billing == "each":
        return EACH.fill(text=text, price=cost.price_net * cost.factor)
    if cost.line.base:
        return BASE.fill(text=text, base=cost.line.base.gross, price=cost.price_net * cost.factor)
    return text


def _explain_component(peaks: Peaks, cost: PowerCost) -> Text:
    counted = peaks.best if cost.line.billing == "each" else peaks.chosen
    listed = join(_explain_peak(peak, cost.line.clock) for peak in counted)
    text = (MEAN if len(counted) > 1 else ONE).fill(peaks=listed) if counted else NONE
    if 0 < len(counted) < peaks.component.count:
        text = OF.fill(text=text, found=len(counted), count=peaks.component.count)
    if peaks.component.name:
        text = Text(f"{peaks.component.name}: {text.en}", f"{peaks.component.name}: {text.sv}")
    if peaks.excluded:
        hours = join(to_both(f"{cost.line.clock.tell(at):%Y-%m-%d %H:%M}") for at in peaks.excluded)
        text = EXCLUDED.fill(text=text, hours=hours)
    return text


def _explain_peak(peak: Peak, clock: Clock) -> Text:
    form = GAP_PEAK if peak.quality == "at least" else PEAK if peak.kw == peak.weighted else WEIGHTED
    return form.fill(kw=peak.kw, weighted=peak.weighted, at=clock.tell(peak.start), end=clock.tell(peak.end))


def describe_amount(quality: Known, known: Decimal | str) -> Text:
    """Return a sum, or what is known of it, with how well it is known."""
    return AMOUNTS[quality].fill(amount=known)


def explain_no_tariff(part: str, period: Period) -> Text:
    """Return that a part of the contracts has no tariff for some time."""
    return NO_TARIFF.fill(part=part, start=period.start, end=period.end)
