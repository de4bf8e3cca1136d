"""Panels that say in one number how much energy was used since a day, a month or a year began."""

from __future__ import annotations

from hanlogger.boards.fragments import IN_RANGE, KWH, by, used
from hanlogger.boards.panel_types import gauge, stat
from hanlogger.boards.panels import (
    EXPORT,
    IMPORT,
    NOTHING,
    OF_LIMIT,
    SIDES,
    Json,
    both_ways,
    shaded,
    target,
)
from hanlogger.boards.text import describe
from hanlogger.language import Text

CODES = ("1-0:1.8.0", "1-0:2.8.0")
KILOWATT_HOURS = "suffix: kWh"  # Grafana's own unit would write 1.2 MWh beside 889.3 kWh
COUNTED = Text(
    "From the meter's registers, up to the last full quarter of an hour.",
    "Ur mätarens register, till och med den senaste hela kvarten.",
)

TODAY = (Text("today", "i dag"), "now/d", None)
YESTERDAY = (Text("yesterday at this time", "i går vid den här tiden"), "now/d", "1d")
THIS_MONTH = (Text("this month so far", "denna månad hittills"), "now/M", None)
LAST_MONTH = (Text("the month before at this time", "månaden före vid den här tiden"), "now/M", "1M")
THIS_YEAR = (Text("this year so far", "i år hittills"), "now/y", None)
LAST_YEAR = (Text("the year before at this time", "året före vid den här tiden"), "now/y", "1y")

Since = tuple[Text, str, str | None]


def draw_import_sum(since: Since) -> Json:
    """Return the panel of the import of a period."""
    title = Text(f"Import {since[0].en}", f"Uttag {since[0].sv}")
    return _draw_sum(title, since, [target(used("import", KWH, grouped=by("meter")))], [shaded(IMPORT)])


def draw_export_sum(since: Since) -> Json:
    """Return the panel of the export of a period."""
    title = Text(f"Export {since[0].en}", f"Inmatning {since[0].sv}")
    return _draw_sum(title, since, [target(used("export", KWH, grouped=by("meter")))], [shaded(EXPORT)])


def draw_both_sums(since: Since) -> Json:
    """Return the panel of import and export of a period."""
    title = Text(_capitalise(since[0].en), _capitalise(since[0].sv))
    return _draw_sum(title, since, both_ways(lambda way: used(way, KWH, grouped=by("meter"))), SIDES)


def draw_month_limit(limit: float | None) -> Json:
    """Return the panel of the month's import as a part of its limit (kWh), or that there is none."""
    where = IN_RANGE if limit else f"1 > 2 AND {IN_RANGE}"
    return gauge(
        Text("Of the month's limit", "Av månadens gräns"),
        describe(
            Text(
                f"Import of this calendar month as a part of `month_limit`. {COUNTED.en}",
                f"Denna kalendermånads uttag som andel av `month_limit`. {COUNTED.sv}",
            ),
            CODES[0],
        ),
        [target(used("import", f"{KWH} / {limit or 1:g}", where, grouped=by("meter")))],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        min=0,
        max=1.25,
        since="now/M",
        range_in_title=True,
        no_value=NOTHING if limit else Text("no limit is set", "ingen gräns är satt"),
    )


def _draw_sum(title: Text, since: Since, targets: list[Json], overrides: list[Json]) -> Json:
    _, begin, shift = since
    return stat(
        title,
        describe(COUNTED, *CODES),
        targets,
        unit=KILOWATT_HOURS,
        decimals=1 if begin == "now/d" else 0,
        color={"mode": "fixed", "fixedColor": IMPORT},
        overrides=overrides,
        since=begin,
        shift=shift,
        range_in_title=True,
    )


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
