"""The words and numbers of a report in English and Swedish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from hanlogger.language import Speech, Text
from hanlogger.tariffs import said
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.phrases import MONTHS

WORDS: Mapping[str, Text] = {
    "report": Text("Energy and cost", "Energi och kostnad"),
    "import": Text("Import", "Uttag"),
    "export": Text("Export", "Inmatning"),
    "cost": Text("Cost", "Kostnad"),
    "peak": Text("Power of the fee", "Effekt för avgiften"),
    "coverage": Text("Coverage", "Täckning"),
    "this": Text("This period", "Denna period"),
    "before": Text("Before", "Föregående"),
    "year_before": Text("A year before", "Ett år tidigare"),
    "change": Text("change", "ändring"),
    "comparison": Text("Beside what was before", "Jämfört med tidigare"),
    "by_day": Text("Energy by day", "Energi per dygn"),
    "by_month": Text("Energy by month", "Energi per månad"),
    "by_hour": Text("Import by day and hour", "Uttag per dygn och timme"),
    "by_hour_mean": Text("Import by month and hour, mean", "Uttag per månad och timme, medel"),
    "most": Text("Darkest: {most}", "Mörkast: {most}"),
    "unknown_cells": Text("Hatched: not known.", "Streckat: inte känt."),
    "sides": Text("Import upwards, export downwards.", "Uttag uppåt, inmatning nedåt."),
    "partial_bars": Text("Pale: at least so much, some is not known.", "Blekt: minst så mycket, en del är inte känd."),
    "peaks": Text("Peaks that fees are of", "Toppar som avgifter räknas på"),
    "when": Text("From", "Från"),
    "power": Text("Power", "Effekt"),
    "fee": Text("Fee", "Avgift"),
    "lines": Text("Cost by line, with value added tax", "Kostnad per rad, med moms"),
    "line": Text("Line", "Rad"),
    "quantity": Text("Quantity", "Mängd"),
    "amount": Text("Sum", "Belopp"),
    "total": Text("Total", "Summa"),
    "gaps": Text("What is not known", "Vad som inte är känt"),
    "gap_sum": Text("{start} to {end}: {wh} together", "{start} till {end}: {wh} tillsammans"),
    "gap_none": Text("{start} to {end}: nothing is known", "{start} till {end}: inget är känt"),
    "no_gaps": Text("Every hour is known.", "Varje timme är känd."),
    "more_gaps": Text("and {number} more", "och {number} till"),
    "no_tariff": Text(
        "No tariff is set for this meter, so that there is no cost: tariff in hanlogger.toml names its files.",
        "Ingen tariff är inställd för mätaren, så kostnad saknas: tariff i hanlogger.toml anger dess filer.",
    ),
    "missing": Text("Of a part of the time no energy is known.", "För en del av tiden är ingen energi känd."),
    "made": Text("Made by hanlogger, {at}, from the journal alone.", "Gjord av hanlogger, {at}, enbart ur journalen."),
    "month": Text("months", "månader"),
    "day": Text("days", "dygn"),
}


class ReportSpeech(Speech):
    """One language in one zone, with the words of a report."""

    def __call__(self, key: str, **facts: str) -> str:
        """Return a text by its key with facts filled in."""
        return WORDS[key].fill(**facts).to(self.language)

    def energy(self, watt_hours: Decimal | float | None, places: int = 1) -> str:
        """Return an energy in kWh."""
        return super().energy(watt_hours, places)

    def known(self, quality: Known, amount: str) -> str:
        """Return an amount with how well it is known."""
        return said.describe_amount(quality, amount).to(self.language)

    def cost(self, quality: Known, known: Decimal, currency: str) -> str:
        """Return a sum of money, or what is known of it, with how well it is known."""
        return self.known(quality, self.amount(known, currency, 2))

    def local(self, at: datetime) -> datetime:
        """Return an instant by the zone's clock."""
        return at.astimezone(self.zone)

    def month(self, first: date) -> str:
        """Return the name of a month."""
        return MONTHS[first.month - 1].to(self.language)
