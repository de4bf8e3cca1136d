"""The board about what energy and power cost, where a tariff is set (docs/tariffs.md)."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.energy_sums import KILOWATT_HOURS
from hanlogger.boards.fragments import IN_RANGE, KWH, NOW, by, quantity, select, steps, used
from hanlogger.boards.panel_types import bars, series, stat, table
from hanlogger.boards.panels import BLUE, IMPORT, METER_NAME, RED, YELLOW, Json, coloured, override, rows, target
from hanlogger.boards.settings import BoardSettings, name_money
from hanlogger.boards.text import describe
from hanlogger.language import Text

KILOWATTS = "suffix: kW"
PRICED = f'"unpriced" = 0 AND {IN_RANGE}'  # a cost that is known in part is shown as not known
PEAK = '"line", "rank", "at", "value" / 1000 AS "power"'
COST, MONTH, RUNNING = quantity("cost"), quantity("cost_month"), quantity("running_hour")
LEGEND = Text("$tag_meter: $tag_line", "$tag_meter: $tag_line")
UNKNOWN = Text("no tariff, or not known", "ingen tariff, eller inte känt")
WORKED_OUT = Text(
    "Worked out by hanlogger from the registers and the tariff's files, with value added tax.",
    "Räknat av hanlogger ur mätarställningarna och tariffens filer, med moms.",
)


def make_cost_board(settings: BoardSettings) -> Board:
    """Return the board, for users who want to know what it costs, and what the next kilowatt will."""
    money = f"suffix: {name_money(settings.currency)}"
    return Board(
        file="cost",
        title=Text("Cost", "Kostnad"),
        description=Text(
            "What today and the month cost, by day and line, with the month's peaks and the running hour.",
            "Vad dagen och månaden kostar, per dygn och rad, med månadens toppar och timmen som går.",
        ),
        since="now/M",
        refresh="1m",
        panels=[*_draw_today(money), *_draw_running_hour(money), *_draw_over_range(money, settings.zone)],
    )


def _explain(english: str, swedish: str) -> Text:
    return describe(Text(f"{english} {WORKED_OUT.en}", f"{swedish} {WORKED_OUT.sv}"), "1-0:1.8.0")


def _draw_today(money: str) -> Iterator[Json]:
    yield _draw_energy_today(money)
    yield _draw_month_so_far(money)
    yield _draw_missing_prices()


def _draw_energy_today(money: str) -> Json:
    return _draw_sum(
        Text("Energy today", "Energi i dag"),
        _explain(
            "Of the energy alone, without fixed fees and power.",
            "För energin enbart, utan fasta avgifter och effekt.",
        ),
        select('sum("known")', COST, PRICED, by("meter")),
        "now/d",
        money,
    )


def _draw_month_so_far(money: str) -> Json:
    return _draw_sum(
        Text("This month so far", "Denna månad hittills"),
        _explain(
            "All lines of the bill, or what is known of them.",
            "Alla rader på räkningen, eller det som är känt av dem.",
        ),
        select('sum("known")', MONTH, IN_RANGE, by("meter")),
        "now/M",
        money,
    )


def _draw_missing_prices() -> Json:
    return stat(
        Text("Lines with missing prices", "Rader där priser saknas"),
        _explain(
            "Above 0 the month's sum is not whole.",
            "Över 0 är månadens summa inte hel.",
        ),
        [target(select('sum("unknown")', MONTH, IN_RANGE, by("meter")))],
        unit="none",
        steps=((None, BLUE), (1, YELLOW)),
        no_value=UNKNOWN,
        since="now/M",
        range_in_title=True,
    )


def _draw_sum(title: Text, about: Text, query: str, since: str, money: str) -> Json:
    return stat(
        title,
        about,
        [target(query)],
        unit=money,
        decimals=2,
        steps=((None, BLUE),),
        no_value=UNKNOWN,
        since=since,
        range_in_title=True,
    )


def _select_of_hour(field: str) -> str:
    return select(f'last("{field}") / 1000', RUNNING, NOW, by("meter", "line"))


def _draw_running_hour(money: str) -> Iterator[Json]:
    yield _draw_power_of_hour()
    yield _draw_rise_of_fee(money)


def _draw_power_of_hour() -> Json:
    return stat(
        Text("This hour", "Denna timme"),
        _explain(
            "What it will be if the power stays, what leaves the fee as it is, and the power that keeps it there.",
            "Vad den blir om effekten består, vad som lämnar avgiften som den är, och effekten som håller den där.",
        ),
        [
            target(_select_of_hour("forecast"), Text("$tag_line: forecast", "$tag_line: prognos")),
            target(_select_of_hour("limit"), Text("$tag_line: limit", "$tag_line: gräns"), ref="B"),
            target(_select_of_hour("allowed"), Text("$tag_line: may take", "$tag_line: får ta"), ref="C"),
        ],
        unit=KILOWATTS,
        decimals=2,
        steps=((None, BLUE),),
        no_value=UNKNOWN,
        size=(12, 5),
    )


def _draw_rise_of_fee(money: str) -> Json:
    return stat(
        Text("Raises the fee by", "Höjer avgiften med"),
        _explain(
            "If the power stays as it is until the hour's end.",
            "Om effekten förblir som nu till timmens slut.",
        ),
        [target(select('last("extra")', RUNNING, NOW, by("meter", "line")), LEGEND)],
        unit=money,
        decimals=2,
        steps=((None, BLUE), (0.01, RED)),
        no_value=UNKNOWN,
    )


def _draw_over_range(money: str, zone: str) -> Iterator[Json]:
    yield _draw_by_day_and_line(money, zone)
    yield _draw_price_against_consumption(money)
    yield _draw_forecasts()
    yield _draw_peaks()
    yield _draw_bill(money)


def _draw_by_day_and_line(money: str, zone: str) -> Json:
    by_line = by("meter", "line", every="1d", fill="none", zone=zone)
    return bars(
        Text("By day and line", "Per dygn och rad"),
        _explain(
            "What is paid to you is below 0.",
            "Det som du får betalt är under 0.",
        ),
        [target(select('sum("known")', COST, PRICED, by_line), LEGEND)],
        unit=money,
        decimals=2,
    )


def _draw_price_against_consumption(money: str) -> Json:
    consumption = used("import", KWH, f"\"quality\" = 'measured' AND {IN_RANGE}", grouped=steps("15m"))
    price = select('mean("value")', quantity("spot_price"), "$timeFilter", by("area", every="15m", fill="none"))
    return bars(
        Text("Price against consumption by quarter, 2 days", "Pris mot förbrukning per kvart, 2 dygn"),
        _explain(
            "The spot price is without tax, at the right.",
            "Spotpriset är utan skatt, till höger.",
        ),
        [target(consumption), target(price, "$tag_area", ref="B")],
        unit=KILOWATT_HOURS,
        decimals=2,
        since="now-1d/d",
        overrides=[
            coloured("/./", IMPORT),
            override(
                "byFrameRefID",
                "B",
                unit=f"{money}/kWh",
                color={"mode": "fixed", "fixedColor": BLUE},
                custom__drawStyle="line",
                custom__lineInterpolation="stepAfter",
                custom__lineWidth=2,
                custom__fillOpacity=0,
                custom__axisPlacement="right",
                custom__stacking={"mode": "none", "group": "B"},
            ),
        ],
    )


def _draw_forecasts() -> Json:
    def over_time(field: str) -> str:
        what = f'last("{field}") / 1000'
        return select(what, RUNNING, IN_RANGE, by("meter", "line", every="1m", fill="none"))

    return series(
        Text("Running hour against its limit, 24 h", "Timmen mot sin gräns, 24 h"),
        _explain(
            "Each minute: forecast and limit.",
            "Varje minut: prognos och gräns.",
        ),
        [
            target(over_time("forecast"), Text("$tag_line: forecast", "$tag_line: prognos")),
            target(over_time("limit"), Text("$tag_line: limit", "$tag_line: gräns"), ref="B"),
        ],
        unit=KILOWATTS,
        decimals=2,
        since="24h",
        least="1m",
        overrides=[override("byFrameRefID", "B", color={"mode": "fixed", "fixedColor": RED})],
    )


def _draw_peaks() -> Json:
    return table(
        Text("Peaks of the month", "Månadens toppar"),
        _explain(
            "Those that the fee is of, with their hour.",
            "De som avgiften räknas på, med sin timme.",
        ),
        [rows(select(PEAK, quantity("power_peak"), f'"value" > 0 AND {IN_RANGE}', by("meter")))],
        unit=KILOWATTS,
        decimals=2,
        steps=((None, IMPORT),),
        overrides=[override("byRegexp", "/^(From|Från)$/", unit="time: YYYY-MM-DD HH:mm")],
        columns={
            "meter": METER_NAME,
            "line": Text("Line", "Rad"),
            "rank": Text("Rank", "Plats"),
            "at": Text("From", "Från"),
            "power": Text("Power", "Effekt"),
        },
    )


def _draw_bill(money: str) -> Json:
    return table(
        Text("Month by line", "Månaden per rad"),
        _explain(
            "Each line of the bill, of each month in the range.",
            "Varje rad på räkningen, för varje månad i perioden.",
        ),
        [rows(select('"line", "quality", "known"', MONTH, IN_RANGE, by("meter")))],
        unit=money,
        decimals=2,
        steps=((None, BLUE),),
        overrides=[override("byType", "time", unit="time: YYYY-MM")],
        columns={
            "Time": Text("Month", "Månad"),
            "meter": METER_NAME,
            "line": Text("Line", "Rad"),
            "known": Text("Sum", "Belopp"),
            "quality": Text("Quality", "Kvalitet"),
        },
    )
