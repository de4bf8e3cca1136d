"""Filters of destinations in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.config import load
from hanlogger.errors import ConfigError
from hanlogger.influxdb import Destination

METERS = """
[[meter]]
name = "flat-1"
port = "socket://localhost:2001"
[[meter]]
name = "flat-2"
port = "socket://localhost:2002"
"""
BROKER = '[[meter]]\nname = "flats"\nport = "mqtt://localhost/han/+/raw"\n'


def settings(folder: Path, text: str, **environ: str) -> tuple[tuple[Destination, ...], tuple[str, ...]]:
    file = folder / "hanlogger.toml"
    file.write_text(text)
    found = load(file, environ)
    return found.destinations, found.warnings


def database(patterns: str, name: str = "tenant") -> str:
    return f'[destination.{name}]\nurl = "http://localhost:8086"\nmeters = {patterns}\n'


@pytest.mark.parametrize("patterns", ['"flat-1"', '["flat-1"]', '["flat-?", "laundry*"]'])
def test_patterns_are_a_text_or_a_list(tmp_path: Path, patterns: str) -> None:
    (to,), _ = settings(tmp_path, METERS + database(patterns))
    assert to.takes("flat-1")
    assert not to.takes("flat-10")
    assert not to.takes("")


def test_without_patterns_every_meter_is_taken_and_the_logger_itself(tmp_path: Path) -> None:
    (to,), _ = settings(tmp_path, METERS + '[influxdb]\nurl = "http://localhost:8086"\n')
    assert to.takes_all
    assert to.takes("flat-1")
    assert to.takes("")
    assert not to.takes("demo")


def test_a_star_alone_takes_the_loggers_health_too(tmp_path: Path) -> None:
    (to,), _ = settings(tmp_path, METERS + database('["*"]'))
    assert to.takes("")
    assert not to.takes("demo")


def test_a_variable_sets_the_patterns_of_the_one_database(tmp_path: Path) -> None:
    variables = {"HANLOGGER_INFLUXDB_URL": "http://localhost:8086", "HANLOGGER_INFLUXDB_METERS": "flat-1,laundry"}
    (to,), _ = settings(tmp_path, METERS, **variables)
    assert to.meters == ("flat-1", "laundry")


@pytest.mark.parametrize("patterns", ['["flat 1"]', '[""]', '["flat-[12]"]', '["lägenhet*"]'])
def test_a_pattern_that_no_name_can_fit_is_refused(tmp_path: Path, patterns: str) -> None:
    with pytest.raises(ConfigError, match=r"destination.tenant.meters: found .* allowed: a list of names and patterns"):
        settings(tmp_path, METERS + database(patterns))


def test_a_pattern_that_fits_no_meter_is_told(tmp_path: Path) -> None:
    _, warnings = settings(tmp_path, METERS + database('["flat-1", "flat1*"]'))
    assert warnings == ('tenant: meters = "flat1*" fits none of the meters, which are flat-1, flat-2',)


def test_it_is_not_told_where_a_broker_brings_meters_that_nobody_names(tmp_path: Path) -> None:
    _, warnings = settings(tmp_path, BROKER + database('["house-*"]'))
    assert warnings == ()


@pytest.mark.parametrize("listed", ['broker.meters = ["flat-9"]\n', "broker.new_meters = 0\n"])
def test_it_is_told_where_a_list_names_all_of_a_broker(tmp_path: Path, listed: str) -> None:
    _, warnings = settings(tmp_path, BROKER + listed + database('["house-*", "flat*"]'))
    (told,) = warnings
    assert 'meters = "house-*" fits none' in told
