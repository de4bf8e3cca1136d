"""What descriptions of lines of every kind say: prices, tax, days off."""

from __future__ import annotations

from dataclasses import replace

from hanlogger.language import Text
from hanlogger.tariffs.model import Price, Tariff

TAX = {
    True: Text("{vat} % VAT is in it", "{vat} % moms ingår"),
    False: Text("{vat} % VAT is added", "{vat} % moms tillkommer"),
}
NO_TAX = Text("no VAT", "ingen moms")
DAYS_OFF = Text("Days off: {days}.", "Lediga dagar: {days}.")


def say_money(price: Price, tariff: Tariff) -> Text:
    """Return a price with its currency, as it stands in the file."""
    return Text("{value} {currency}", "{value} {currency}").fill(value=price.value, currency=tariff.currency)


def negate(price: Price) -> Price:
    """Return a price with the other sign."""
    return replace(price, value=-price.value)


def say_tax(price: Price) -> Text:
    """Return whether a price has value added tax in it."""
    return TAX[price.with_vat].fill(vat=price.vat) if price.vat else NO_TAX


def join_sentence(text: Text, added: Text) -> Text:
    """Return a text with something in brackets, as a sentence."""
    return Text(f"{text.en} ({added.en}).", f"{text.sv} ({added.sv}).")
