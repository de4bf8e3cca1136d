"""Settings of a broker behind a port: what is right beside what, and what is said where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.config import Settings, load
from hanlogger.errors import ConfigError
from hanlogger.model import Key

FLATS = '[[meter]]\nname = "flats"\nport = "mqtt://box/han/+/raw"\n'
ONE = '[[meter]]\nname = "home"\nport = "mqtt://box/han/cellar"\n'


def read(folder: Path, text: str) -> Settings:
    file = folder / "hanlogger.toml"
    file.write_text(text)
    return load(file, {})


WRONG = {
    '[[meter]]\nport = "mqtt://box/han/+/+"\n': "Only one \\+ may stand in it, for it names the meter",
    '[[meter]]\nport = "mqtt://box"\n': "The topic is missing",
    '[[meter]]\nport = "mqtt:box/han"\n': "Did you mean mqtt://box/han\\?",
    '[[meter]]\nport = "mqtts://u:p@box/han"\n': "The user does not stand in the address",
    '[[meter]]\nport = "/dev/ttyUSB0"\nbroker.user = "me"\n': "meter 1: broker.user: found beside the port /dev",
    ONE + 'broker.meters = ["a"]\n': "meter 1: broker.meters: found beside a topic of one meter",
    ONE + 'broker.meters = ["a b"]\n': "meter 1: broker.meters: .*allowed: a list of names",
    ONE + "broker.most = 0\n": "meter 1: broker.most: found 0; allowed: a whole number from 1 to 10000",
    ONE + 'broker.session = "0s"\n': "meter 1: broker.session: .*allowed: a time",
    ONE + 'broker.client_id = "a/b"\n': "meter 1: broker.client_id",
    ONE + 'broker.ack = "delivered"\n': 'found "delivered", and no database is set; allowed: "journal", or set one',
    ONE + 'broker.ack = "never"\n': 'allowed: "journal" or "delivered"',
    ONE + 'broker.usr = "x"\n': "broker.usr is no setting; did you mean user\\?",
    ONE + '[[meter]]\nname = "a"\nport = "via:home"\n': 'found "via:home"; allowed: none, as no port has a \\+ or #',
    FLATS + '[[meter]]\nname = "a"\nport = "via:flat"\n': 'found "via:flat"; allowed: via:flats',
    '[[meter]]\nname = "a"\nport = "via:"\n': 'found "via:"',
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG.items())
def test_what_cannot_be_is_refused_with_what_may(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, text)


def test_a_variable_of_a_broker_may_stay_when_the_port_is_another(tmp_path: Path) -> None:
    given = {"HANLOGGER_PORT": "/dev/ttyUSB0", "HANLOGGER_BROKER_USER": "me", "HANLOGGER_JOURNAL": str(tmp_path / "j")}
    assert load(None, given).ports[0].broker is None


def test_every_setting_reaches_the_port(tmp_path: Path) -> None:
    text = (
        FLATS
        + """
broker.user = "me"
broker.password_file = "password"
broker.ca_file = "ca"
broker.cert_file = "cert"
broker.key_file = "key"
broker.client_id = "id"
broker.session = "1d"
broker.group = "group"
broker.sasl = "SCRAM-SHA-512"
broker.ack = "delivered"
broker.most = 7
broker.meters = ["a"]
broker.new_meters = 3
[influxdb]
url = "http://localhost:8086"
"""
    )
    (port,) = read(tmp_path, text).ports
    broker = port.broker
    assert broker is not None
    assert (broker.user, broker.client_id, broker.session, broker.group) == ("me", "id", 86_400.0, "group")
    assert (broker.sasl, broker.ack, broker.most, broker.meters) == ("SCRAM-SHA-512", "delivered", 7, ("a",))
    assert broker.new_meters == 3
    files = (broker.password_file, broker.ca_file, broker.cert_file, broker.key_file)
    assert files == tuple(tmp_path / name for name in ("password", "ca", "cert", "key"))


def test_several_meters_may_come_by_one_port_and_keep_their_own_settings(tmp_path: Path) -> None:
    key = "00112233445566778899AABBCCDDEEFF"
    text = f'{FLATS}keys = ["{key}"]\n' + "".join(f'[[meter]]\nname = "{n}"\nport = "via:flats"\n' for n in "ab")
    settings = read(tmp_path, text)
    assert [port.via for port in settings.ports] == ["", "flats", "flats"]
    assert [port.live for port in settings.ports] == [False, False, False]
    assert settings.keys["c"] == (Key(bytes.fromhex(key)),)  # of a meter that nobody names: those of the port
    assert settings.keys.get("a") == ()


def test_a_password_beside_all_other_settings_is_warned_of_where_all_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text(ONE + 'broker.password = "hush-hush"\n')
    file.chmod(0o644)
    settings = load(file, {})
    assert settings.warnings == (f"{file} holds a secret and can be read by every user: chmod o-r {file}",)
    assert "hush" not in repr(settings)
