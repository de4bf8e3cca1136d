"""Prices with and without value added tax, currencies and validity of an Eltariff tariff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.node import Node

RATES = tuple(map(Decimal, ("25", "0", "25.5", "24", "12", "6", "15")))
"""Rates of value added tax in per cent, the likeliest first, that two prices may tell."""

CENT = Decimal("0.01")


def read_price(price: Node) -> dict[str, Any]:
    """Return the keys price, prices and vat of a line; ValueError where two prices agree with no rate of tax."""
    price.check(forms.PRICE)
    net, gross = price.get_number("priceExVat"), price.get_number("priceIncVat")
    if gross is None:
        price.refuse("priceIncVat is missing: which tax is on it would be guessed")
    if net is None:
        return {"price": gross, "prices": "with VAT"}
    return {"price": gross, "prices": "with VAT", "vat": _find_rate(price, net, gross)}


def _find_rate(price: Node, net: Decimal, gross: Decimal) -> Decimal:
    exact = next((rate for rate in RATES if _with(net, rate) == gross), None)
    if exact is not None:
        return exact
    near = min(CENT, max(_find_last_place(net), _find_last_place(gross)))
    for rate in RATES:
        if abs(_with(net, rate) - gross) <= near:
            whole = _with(net, rate).normalize()
            price.tell(f"priceExVat {net} and {rate} % are {whole:f}, not {gross}; priceIncVat is taken")
            return rate
    raise price.make_error(f"priceExVat {net} and priceIncVat {gross} agree with no rate of value added tax")


def _with(net: Decimal, rate: Decimal) -> Decimal:
    return net * (100 + rate) / 100


def _find_last_place(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(int(number.as_tuple().exponent))


def find_tax(tariff: Node) -> Decimal | None:
    """Return the one rate of value added tax of all prices of a tariff; None where there are several, or none."""
    rates: set[Decimal] = set()
    for price in _find_prices(tariff.fields):
        try:
            rates.add(read_price(Node(price))["vat"])
        except (ValueError, KeyError):
            return None
    return rates.pop() if len(rates) == 1 else None


def find_currencies(tariff: Node) -> list[str]:
    """Return the currencies of a tariff's prices."""
    return sorted({str(price.get("currency")) for price in _find_prices(tariff.fields)})


def _find_prices(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every price that is not 0, wherever it stands."""
    if isinstance(value, Mapping):
        if "priceIncVat" in value or "priceExVat" in value:
            if value.get("priceIncVat") or value.get("priceExVat"):
                yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _find_prices(each)


def read_period(node: Node) -> dict[str, date]:
    """Return the keys valid_from and valid_to; none where nothing is said."""
    period = node.get_child("validPeriod")
    if period is None:
        return {}
    period.check(forms.DATES)
    start, end = period.get_day("fromIncluding"), period.get_day("toExcluding")
    if start and end and start >= end:
        period.refuse(f"toExcluding {end} is not after fromIncluding {start}")
    if end and end.day > 1 and (end + timedelta(days=1)).day == 1:
        period.tell(f"toExcluding {end} leaves the last day of the month out")
    return {key: day for key, day in (("valid_from", start), ("valid_to", end)) if day}


def tell_outside(node: Node, inner: Mapping[str, date], outer: Mapping[str, date]) -> None:
    """Report a validity that is not within the tariff's, which limits it."""
    before = inner.get("valid_from", date.max) < outer.get("valid_from", date.min)
    after = inner.get("valid_to", date.min) > outer.get("valid_to", date.max)
    if before or after:
        says = " to ".join(str(inner.get(key, "…")) for key in ("valid_from", "valid_to"))
        node.tell(f"validPeriod {says} is not within the tariff's, which limits it")
