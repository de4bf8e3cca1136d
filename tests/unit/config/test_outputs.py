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


BROKER = '[homeassistant]\nbroker = "mqtt://broker"\n'


def test_home_assistant_is_told_nothing_unless_its_broker_is_set(file: Path) -> None:
    assert of(file, ONE).home_assistant is None


def test_the_broker_of_a_home_assistant(file: Path) -> None:
    more = 'user = "hanlogger"\npassword_file = "secret"\nca_file = "ca.pem"\nprefix = "ha/"\ndemo = true\n'
    to = of(file, f'language = "sv"\n{ONE}{BROKER}{more}').home_assistant
    assert to is not None
    assert to.address == ("broker", 1883, False)
    assert (to.prefix, to.demo, to.language) == ("ha", True, "sv")
    assert to.login.user == "hanlogger"
    assert (to.login.password_file, to.login.ca_file) == (file.parent / "secret", file.parent / "ca.pem")


def test_the_broker_can_be_given_by_variables(file: Path) -> None:
    to = of(
        file, ONE, HANLOGGER_HOMEASSISTANT_BROKER="mqtts://h:1", HANLOGGER_HOMEASSISTANT_PASSWORD="p"
    ).home_assistant
    assert to is not None
    assert to.address == ("h", 1, True)
    assert to.login.read_password() == "p"
    assert "'p'" not in repr(to)


@pytest.mark.parametrize(
    "broker", ["", "broker", "http://broker", "mqtt://", "mqtt://user@broker", "mqtt://broker:0", "mqtt://broker/topic"]
)
def test_what_is_no_address_of_a_broker_is_said(file: Path, broker: str) -> None:
    with pytest.raises(ConfigError, match=r"homeassistant\.broker: found .*; allowed: mqtt://HOST:PORT"):
        of(file, f'{ONE}[homeassistant]\nbroker = "{broker}"\n')


@pytest.mark.parametrize("prefix", ["", "/", "a/+/b", "#"])
def test_what_is_no_topic_is_said(file: Path, prefix: str) -> None:
    with pytest.raises(ConfigError, match=r"homeassistant\.prefix: found"):
        of(file, f'{ONE}{BROKER}prefix = "{prefix}"\n')


def test_a_password_that_all_can_read_is_warned_of(file: Path) -> None:
    file.write_text(f'{ONE}{BROKER}password = "p"\n')
    file.chmod(0o644)
    assert any("chmod o-r" in warning for warning in load(file, {}).warnings)
