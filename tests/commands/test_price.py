"""`hanlogger price show`, and prices in `run`, `status` and `doctor`, with the real program."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hanlogger.intervals.levels import Level
from hanlogger.journal import Journal
from hanlogger.journal.model import IMPORT, to_ms
from hanlogger.model import Meter
from tests.support.logger import call, command, logger
from tests.support.pricing import SE3, day_rows, server_of, to_body
from tests.support.scripted_server import Reply, Request, scripted_server
from tests.support.tariffing import HEAD
from tests.support.waiting import until

DAY = date(2026, 10, 25)
AREA = {"HANLOGGER_PRICE_AREA": "SE3"}


def keep(folder: Path, prices: list[str], *, day: date = DAY, hours: bool = False, final: bool = True) -> None:
    start, _ = SE3.find_day(day)
    each = [text for text in prices for _ in range(4 if hours else 1)]
    rows = {start + number * timedelta(minutes=15): Decimal(text) for number, text in enumerate(each)}
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.prices.merge("SE3", "SEK", rows, final=final)


def test_a_day_of_hours_has_a_row_an_hour_also_twice_in_autumn(tmp_path: Path) -> None:
    keep(tmp_path, [f"{number / 100:.2f}" for number in range(25)], hours=True)
    lines = call(tmp_path, "price", "show", str(DAY), environ=AREA).stdout.splitlines()
    assert lines[0] == "SE3, 2026-10-25, SEK for a kWh without VAT, local time of Europe/Stockholm"
    assert [line.split() for line in lines[1:6]] == [
        ["00:00", "0.00"],
        ["01:00", "0.01"],
        ["02:00", "+0200", "0.02"],
        ["02:00", "+0100", "0.03"],
        ["03:00", "0.04"],
    ]
    assert lines[-1] == "mean 0.1200, lowest 0.00 at 00:00, highest 0.24 at 23:00"


def test_a_day_of_quarters_has_four_columns_and_says_what_is_not_known(tmp_path: Path) -> None:
    keep(tmp_path, ["0.5", "-0.25", "1", "0.75", "2", "2"], final=False)
    lines = call(tmp_path, "price", "show", str(DAY), environ=AREA).stdout.splitlines()
    assert lines[1] == "preliminary: asked for again once the day has begun"
    assert lines[2].split() == [":00", ":15", ":30", ":45"]
    assert lines[3].split() == ["00:00", "0.50", "-0.25", "1.00", "0.75"]
    assert lines[4].split() == ["01:00", "2.00", "2.00", "unknown", "unknown"]
    assert lines[-1] == (
        "mean 1.0000, lowest -0.25 at 00:15, highest 2 at 01:00, of 23.5 of 25 hours no price is known"
    )


def test_csv_is_a_row_a_quarter_with_the_offset(tmp_path: Path) -> None:
    keep(tmp_path, ["0.5", "0.25"])
    shown = call(tmp_path, "price", "show", str(DAY), "--csv", environ=AREA).stdout
    assert shown == "time,price\n2026-10-25T00:00:00+02:00,0.5\n2026-10-25T00:15:00+02:00,0.25\n"


def test_what_cannot_be_shown_is_told_with_what_to_do(tmp_path: Path) -> None:
    keep(tmp_path, ["0.5"])
    no_area = call(tmp_path, "price", "show")
    assert (no_area.returncode, "there is no area of prices: set area" in no_area.stderr) == (2, True)
    no_day = call(tmp_path, "price", "show", "monday", environ=AREA)
    assert (no_day.returncode, "monday is no day; allowed: 2026-01-31, yesterday, today" in no_day.stderr) == (2, True)
    nothing = call(tmp_path, "price", "show", "2020-01-01", environ=AREA)
    assert (nothing.returncode, "no price of SE3 on 2020-01-01 is known" in nothing.stderr) == (1, True)


def test_a_running_logger_keeps_prices_tells_of_them_and_delivers_them(tmp_path: Path) -> None:
    today = SE3.tell_day(datetime.now(UTC))
    with scripted_server() as database, scripted_server() as server:
        server.answer = server_of(lambda _: True)
        url = f"{server.url}/{{year}}/{{month}}-{{day}}_{{area}}.json"
        environ = AREA | {
            "HANLOGGER_PRICE_URL": url,
            "HANLOGGER_INFLUXDB_URL": database.url,
            "HANLOGGER_INFLUXDB_TOKEN": "t",
            "HANLOGGER_PORT": "/dev/hanlogger-none",
        }
        with logger(tmp_path, environ=environ) as running:
            until(lambda: running.state and running.state.prices and running.state.prices.end, "prices are known")
            status = command(tmp_path, "status", environ=environ).stdout
            assert f"prices: SE3 from {server.url.removeprefix('http://')}, known up to {today:%Y-}" in status
            shown = command(tmp_path, "price", "show", "--csv", environ=environ).stdout
            assert shown.splitlines()[1].endswith(",0.5")
            start, _ = SE3.find_day(today)
            line = b"spot_price,area=SE3,currency=SEK value=0.501 %d\n" % (start.timestamp() * 1000 + 900_000)
            until(lambda: any(line in body for body in database.bodies), "prices are delivered")


def test_a_source_that_is_wrong_is_told_by_status_and_recording_goes_on(tmp_path: Path) -> None:
    def answer(_: Request) -> Reply:
        return Reply(200, to_body(day_rows(date(2020, 1, 1))))

    with scripted_server() as server:
        server.answer = answer
        environ = AREA | {"HANLOGGER_PRICE_URL": f"{server.url}/{{year}}/{{month}}-{{day}}"}
        environ["HANLOGGER_PORT"] = "/dev/hanlogger-none"
        with logger(tmp_path, environ=environ) as running:
            until(lambda: running.state and running.state.prices and running.state.prices.words, "it is told")
            told = command(tmp_path, "status", environ=environ).stdout
            assert "none known yet; prices of SE3 on " in told
            assert "the answer has prices of 2020-01-01" in told
            assert running.stop() == 0
        assert "the answer has prices of 2020-01-01" in running.log


def test_energy_of_the_past_gets_its_price_and_its_cost_is_delivered(tmp_path: Path) -> None:
    (tmp_path / "spot.toml").write_text(HEAD + '[[energy]]\nname = "Spot"\nspot = 1\n')
    start, _ = SE3.find_day(SE3.tell_day(datetime.now(UTC)) - timedelta(days=2))
    levels = [Level(to_ms(start) + number * 900_000, Decimal(250 * number)) for number in range(3)]
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.intervals.merge([(Meter("home"), {IMPORT: levels})])
    with scripted_server() as database:
        environ = AREA | {
            "HANLOGGER_PRICE_FIXED": "0.40",
            "HANLOGGER_TARIFF": str(tmp_path / "spot.toml"),
            "HANLOGGER_INFLUXDB_URL": database.url,
            "HANLOGGER_INFLUXDB_TOKEN": "t",
            "HANLOGGER_PORT": "/dev/hanlogger-none",
        }
        with logger(tmp_path, environ=environ):
            costs = until(lambda: find_costs(database.bodies), "its cost is delivered")
    assert costs == {b"known=0.125"}  # 0.25 kWh × 0.40 × 1.25


def find_costs(bodies: list[bytes]) -> set[bytes]:
    """Return the fields of what energy costs, where none of it has no price."""
    lines = [
        line for body in bodies for line in body.splitlines() if line.startswith(b"cost,direction=import,line=Spot")
    ]
    fields = [line.split(b" ")[1].split(b",") for line in lines]
    return {field for each in fields if b"unpriced=0" in each for field in each if field.startswith(b"known=")}
