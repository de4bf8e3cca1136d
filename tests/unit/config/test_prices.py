"""The settings of spot prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.config import load
from hanlogger.errors import ConfigError
from hanlogger.prices.source import PriceSource

ONE = '[[meter]]\nname = "home"\nport = "/dev/ttyUSB0"\n'
DAY = date(2026, 3, 9)


def price(folder: Path, text: str, **environ: str) -> PriceSource:
    file = folder / "hanlogger.toml"
    file.write_text(ONE + text)
    found = load(file, environ).price
    assert found is not None
    return found


def test_there_are_none_unless_an_area_is_set(tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text(ONE)
    assert load(file, {}).price is None


@pytest.mark.parametrize(
    ("area", "currency", "url"),
    [
        ("SE3", "SEK", "https://www.elprisetjustnu.se/api/v1/prices/2026/03-09_SE3.json"),
        ("NO5", "NOK", "https://www.hvakosterstrommen.no/api/v1/prices/2026/03-09_NO5.json"),
    ],
)
def test_an_area_alone_is_enough_in_sweden_and_norway(tmp_path: Path, area: str, currency: str, url: str) -> None:
    found = price(tmp_path, f'[price]\narea = "{area.lower()}"\n')
    assert (found.area, found.currency, found.make_url(DAY)) == (area, currency, url)
    assert found.name == url.split("/")[2]


def test_a_url_a_file_or_one_price_takes_the_place_of_the_known_server(tmp_path: Path) -> None:
    found = price(tmp_path, '[price]\narea = "DK1"\nurl = "http://localhost:1/{year}-{month}-{day}?key=secret"\n')
    assert (found.make_url(DAY), found.name) == ("http://localhost:1/2026-03-09?key=secret", "localhost:1")
    found = price(tmp_path, '[price]\narea = "SE3"\nfile = "prices.csv"\n')
    assert (found.file, found.url) == (tmp_path / "prices.csv", "")
    found = price(tmp_path, '[price]\narea = "FI"\nfixed = 0.10\n')
    assert (found.fixed, found.url, found.currency) == (Decimal("0.10"), "", "EUR")
    assert price(tmp_path, "", HANLOGGER_PRICE_AREA="SE4", HANLOGGER_PRICE_FIXED="0").fixed == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('area = "SE5"', 'price.area: found "SE5"; allowed: SE1, SE2'),
        ("fixed = 1", "price.area is missing; allowed: SE1, SE2"),
        ('area = "FI"', "price.area: found no url, and no server is known for FI; allowed: one of url, file and fixed"),
        ('area = "SE3"\nfixed = 1\nfile = "a.csv"', "price.fixed: found fixed beside file; allowed: one of"),
        ('area = "SE3"\nurl = "http://h/{year}/{month}"', "price.url: found"),
        ('area = "SE3"\nurl = "http://h/{year}/{month}-{day}_{zone}"', "price.url: found"),
        ('area = "SE3"\nurl = "ftp://h/{year}/{month}-{day}"', "price.url: found"),
        ('area = "SE3"\nfixed = 101', "price.fixed: found"),
        ('area = "SE3"\nfixed = true', "price.fixed: found"),
        ('area = "SE3"\ncurrency = "SEK"', "currency"),
    ],
)
def test_what_cannot_be_a_source_is_told_with_what_can(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        price(tmp_path, f"[price]\n{text}\n")
    assert words in str(error.value)
    assert "\n" not in str(error.value)
