"""An answer of an Eltariff API of our own, right by its specification, to change one thing of at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.reading import read_tariff

Json = dict[str, Any]
YEAR = {"fromIncluding": "2027-01-01", "toExcluding": "2028-01-01"}
WINTER = {"fromIncluding": "2027-01-01", "toExcluding": "2027-04-01"}


def price(net: float, gross: float) -> Json:
    return {"priceExVat": net, "priceIncVat": gross, "currency": "SEK"}


def component(name: str, kind: str, cost: Json, **more: Any) -> Json:
    valid = more.pop("validPeriod", YEAR)
    return {"id": name, "name": name, "type": kind, "reference": "main", "validPeriod": valid, "price": cost} | more


def settings(function: str = "peak(high)", period: str = "P1D", duration: str = "PT1H", count: int = 3) -> Json:
    return {
        "peakFunction": function,
        "peakIdentificationPeriod": period,
        "peakDuration": duration,
        "numberOfPeaksForAverageCalculation": count,
    }


def active(start: str, end: str, include: list[str] | None = None, exclude: list[str] | None = None) -> Json:
    references = {"include": ["weekdays"] if include is None else include, "exclude": exclude or []}
    return {"fromIncluding": start, "toExcluding": end, "calendarPatternReferences": references}


def recurring(*periods: Json, reference: str = "high") -> Json:
    return {"reference": reference, "frequency": "P1D", "activePeriods": list(periods)}


DAYTIME = recurring(active("07:00:00", "20:00:00", exclude=["holidays"]))


def group(name: str, function: str, *components: Json) -> Json:
    return {"id": name, "name": name, "costFunction": function, "components": list(components)}


def make_answer() -> Json:
    """Three days' mean of workdays 07-20, January to March; one fixed and one energy price."""
    high = component(
        "Hög",
        "peak",
        price(74, 92.5),
        validPeriod=WINTER,
        unit="kW",
        peakIdentificationSettings=settings(),
        recurringPeriods=[DAYTIME],
    )
    tariff = {
        "id": "5b0ad9a4-7f0c-4a35-8f5e-2f6f1c5f3a10",
        "name": "Villa 20 A",
        "published": "2026-11-20T08:00:00+01:00",
        "validPeriod": YEAR,
        "timeZone": "Europe/Stockholm",
        "companyName": "Provnät AB",
        "companyOrgNo": "5560000001",
        "product": "V20",
        "direction": "consumption",
        "billingPeriod": "P1M",
        "fixedPrice": group(
            "fast", "sum(price(c))", component("Abonnemang", "specific", price(2880, 3600), pricedPeriod="P1Y")
        ),
        "energyPrice": group(
            "energi", "sum(energy(c)*price(c))", component("Överföring", "fixed", price(0.2, 0.25), unit="kWh")
        ),
        "powerPrice": group("effekt", "sum(peak(c)*price(c))", high),
    }
    patterns = [
        {"reference": "weekdays", "frequency": "P1W", "days": [1, 2, 3, 4, 5]},
        {"reference": "weekends", "frequency": "P1W", "days": [6, 7]},
        {
            "reference": "holidays",
            "frequency": "P1Y",
            "dates": ["2027-01-01", "2027-01-06", "2027-03-26", "2027-03-29"],
        },
    ]
    return copy.deepcopy({"tariffs": [tariff], "calendarPatterns": patterns})


Change = Callable[[Json], Any]


def change(path: str, value: Any) -> Change:
    """What sets a field of the tariff: `powerPrice.components.0.unit`."""

    def apply(tariff: Json) -> None:
        *way, last = path.split(".")
        inside: Any = tariff
        for step in way:
            inside = inside[int(step) if step.isdigit() else step]
        inside[int(last) if last.isdigit() else last] = value

    return apply


def drop(path: str) -> Change:
    """What takes a field of the tariff away."""

    def apply(tariff: Json) -> None:
        *way, last = path.split(".")
        inside: Any = tariff
        for step in way:
            inside = inside[int(step) if step.isdigit() else step]
        del inside[last]

    return apply


def read(*changes: Change, base: str = "", own: str = "") -> Tariff:
    """The tariff of the answer with some changes. `base`: keys of the user's [base], `own`: the rest of the file."""
    answer = make_answer()
    for each in changes:
        each(answer["tariffs"][0])
    return read_answer(answer, base, own)


def read_answer(answer: Json, base: str = "", own: str = "") -> Tariff:
    text = json.dumps(answer, ensure_ascii=False)
    if not base and not own:
        return read_tariff(text, "eltariff.json")
    return read_tariff(f'{own}\n[base]\nfile = "eltariff.json"\n{base}', "own.toml", lambda _: text)
