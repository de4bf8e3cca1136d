"""What stands at the top of a tariff file and holds for every line: tax, time, days off, and the customer's choices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hanlogger.tariffs import fields, model
from hanlogger.tariffs.calendar import Clock
from hanlogger.tariffs.days_off import DaysOff
from hanlogger.tariffs.schema import Choices, LineTable, TariffTable, TimedLineTable, WhenTable, WindowTable
from hanlogger.tariffs.windows import When, Window

LAND_OF = {"Europe/Stockholm": ("SE",), "Europe/Oslo": ("NO",)}
"""By zone: the days off where a file names none."""


@dataclass(frozen=True)
class Defaults:
    """Makes the parts of lines, with what stands at the top of the file where a line says nothing."""

    top: TariffTable

    def build_price(self, line: LineTable, value: Decimal, vat: Decimal | None = None) -> model.Price:
        """Return a price of a line, with or without tax as the line, else the file, says."""
        per_cent = line.vat if line.vat is not None else vat if vat is not None else self.top.vat
        return model.Price(value, (line.prices or self.top.prices) == "with VAT", per_cent)

    def choose(self, price: Decimal | None, choices: Choices, where: str) -> Decimal:
        """Return the price, or the one of several that the customer's fuse, region, … chooses."""
        if price is not None and not choices:
            return price
        if price is not None or len(choices) != 1:
            raise ValueError(f"{where}: give price, or price_by with one table, not both and not neither")
        [(by, prices)] = choices.items()
        chosen = self.top.customer.get(by)
        if chosen not in prices:
            known = ", ".join(f'"{each}"' for each in prices)
            found = f'"{chosen}"' if chosen else "nothing"
            raise ValueError(f"{where}: price_by.{by}: found {found} as {by} in [customer]; allowed: {known}")
        return prices[chosen]

    def build_when(self, table: WhenTable, line: TimedLineTable, where: str) -> When:
        """Return the windows of a table: its own, or the list in it."""
        own = (table.months, table.holidays, table.hours) != ((), None, ()) or table.days != "all"
        if own and table.windows:
            raise ValueError(f"{where}: months, days and hours stand beside windows; put them into windows")
        windows = table.windows or ((table,) if own else ())
        return tuple(self._build_window(each, line, where) for each in windows)

    def _build_window(self, table: WindowTable, line: TimedLineTable, where: str) -> Window:
        weekdays, holidays = (
            fields.ALIASES[table.days]
            if isinstance(table.days, str)
            else (frozenset(fields.WEEKDAYS.index(day) + 1 for day in table.days), "ignored")
        )
        holidays = table.holidays or holidays
        days_off = DaysOff() if holidays == "ignored" else self._choose_days_off(table, line, where)
        return Window(frozenset(table.months), weekdays, holidays, days_off, table.hours)

    def _choose_days_off(self, table: WindowTable, line: TimedLineTable, where: str) -> DaysOff:
        given = (table.days_off, line.days_off, self.top.days_off, LAND_OF.get(self.top.zone))
        names = next((each for each in given if each is not None), None)
        if names is None:
            raise ValueError(f'{where}: which days are off? Give days_off, such as "SE", at the top of the file')
        return DaysOff(names)

    def make_clock(self, line: TimedLineTable) -> Clock:
        """Return the clock of a line: its own time, else the file's."""
        return Clock(self.top.zone, line.time or self.top.time)
