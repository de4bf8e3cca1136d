"""Where spot prices come from: the area, its currency and zone, and a server, a file or one fixed price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from hanlogger.prices.areas import AREAS
from hanlogger.tariffs.calendar import Clock, Period

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PriceSource:
    """Where the prices of an area come from: exactly one of `url`, `file` and `fixed` is given."""

    area: str
    url: str = ""  # with {year}, {month}, {day} and {area}
    file: Path | None = None
    fixed: Decimal | None = None  # of a kWh without value added tax

    @property
    def currency(self) -> str:
        """The currency of the area."""
        return AREAS[self.area].currency

    @property
    def clock(self) -> Clock:
        """The clock by which the area's days begin."""
        return Clock(AREAS[self.area].zone)

    @property
    def name(self) -> str:
        """What people are told of where the prices come from; a path, which may hold a key, is not shown."""
        if self.file is not None:
            return str(self.file)
        return urlsplit(self.url).netloc if self.url else "a fixed price"

    def find_day(self, day: date) -> Period:
        """Return the civil day as instants."""
        clock = self.clock
        return Period(clock.find(day), clock.find(day + ONE_DAY))

    def tell_day(self, instant: datetime) -> date:
        """Return the civil day that an instant is in."""
        return self.clock.tell(instant).date()

    def make_url(self, day: date) -> str:
        """Return the address of the prices of a day."""
        parts = {"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}", "area": self.area}
        url = self.url
        for name, value in parts.items():
            url = url.replace(f"{{{name}}}", value)
        return url
