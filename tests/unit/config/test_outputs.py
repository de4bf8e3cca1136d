"""The settings of what other programs get."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.address import Address
from hanlogger.config import Settings, load
from hanlogger.errors import ConfigError

TWO = '[[meter]]\nname = "home"\nport = "/dev/ttyUSB0"\n[[meter]]\nname = "flat"\nport = "/dev/ttyUSB1"\n'
ONE = '[[meter]]\nname = "home"\nport = "/dev/ttyUSB0"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hanlogger.toml"


def of(file: Path, text: str, **environ: str) -> Settings:
    file.write_text(text)
    return load(file, environ)


def relayed(settings: Settings) -> dict[str, str]:
    assert settings.relay is not None
    return {name: str(address) for name, address in settings.relay.addresses.items()}


def test_nothing_is_relayed_unless_it_is_asked_for(file: Path) -> None:
    assert of(file, ONE).relay is None


def test_one_meter_is_relayed_at_one_address(file: Path) -> None:
    assert relayed(of(file, ONE + '[relay]\nlisten = "127.0.0.1:2001"')) == {"home": "127.0.0.1:2001"}
    assert relayed(of(file, ONE, HANLOGGER_RELAY_LISTEN="[::1]:2002")) == {"home": "[::1]:2002"}


def test_several_meters_are_relayed_at_an_address_each(file: Path) -> None:
    listen = '[relay]\nlisten = { home = "127.0.0.1:2001", flat = "127.0.0.1:2002" }'
    assert of(file, TWO + listen).relay.addresses["flat"] == Address("127.0.0.1", 2002)  # type: ignore[union-attr]
    listen = '[relay]\nlisten = { flat = "127.0.0.1:2002" }'
    assert relayed(of(file, TWO + listen)) == {"flat": "127.0.0.1:2002"}


@pytest.mark.parametrize(
    ("listen", "words"),
    [
        ('"127.0.0.1:2001"', 'one address for 2 meters; allowed: { home = "127.0.0.1:2001", flat = "127.0.0.1:2002" }'),
        ('{ barn = "127.0.0.1:2001" }', 'found meter "barn", which is not read; allowed: home, flat'),
        ('{ home = "h:1", flat = "h:1" }', "found h:1 for 2 meters; allowed: another address for each"),
        ('"2001"', "allowed: HOST:PORT"),
        ("2001", "allowed: HOST:PORT"),
        ('{ home = "2001" }', "allowed: HOST:PORT"),
    ],
)
def test_what_cannot_be_relayed_so_is_said_with_what_can(file: Path, listen: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        of(file, f"{TWO}[relay]\nlisten = {listen}")
    assert words in str(error.value)
    assert str(error.value).startswith(f"{file}: relay.listen: found")


def test_the_demo_is_relayed_only_where_it_is_meant(file: Path) -> None:
    listen = '[relay]\nlisten = "127.0.0.1:2001"\n'
    assert relayed(of(file, ONE + listen, HANLOGGER_PORT="demo:")) == {}
    assert relayed(of(file, ONE + listen + "demo = true", HANLOGGER_PORT="demo:")) == {"demo": "127.0.0.1:2001"}
    listen = '[relay]\nlisten = { home = "127.0.0.1:2001" }\n'
    assert relayed(of(file, ONE + listen, HANLOGGER_PORT="demo:")) == {}
