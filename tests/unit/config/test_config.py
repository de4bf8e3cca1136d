"""Settings: what is in force, who said so, and what is wrong with them, each in one line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.config import Limits, Settings, load
from hanlogger.config.environment import map_variables
from hanlogger.config.listing import make_example_file
from hanlogger.config.schema import Schema
from hanlogger.errors import ConfigError
from hanlogger.model import Key, Scale
from hanlogger.sources import LineSettings

KEY = "00112233445566778899AABBCCDDEEFF"
TWO_METERS = '[[meter]]\nname = "home"\nport = "/dev/a"\n[[meter]]\nname = "barn"\nport = "/dev/b"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hanlogger.toml"


def of(file: Path, text: str, environ: Mapping[str, str] | None = None, **options: str) -> Settings:
    file.write_text(text)
    return load(file, environ or {}, reads_ports=True, **options)


def fault(file: Path, text: str, environ: Mapping[str, str] | None = None, **options: str) -> str:
    """What is said about it, which is one line, less the folder of the file."""
    with pytest.raises(ConfigError) as caught:
        of(file, text, environ, **options)
    words = str(caught.value)
    assert "\n" not in words
    return words.replace(str(file), file.name)


def meter(line: str) -> str:
    return f'[[meter]]\nport = "/dev/ttyUSB0"\n{line}\n'


def test_a_port_alone_is_enough() -> None:
    settings = load(None, {"HANLOGGER_PORT": "/dev/ttyUSB0"})
    (port,) = settings.ports
    assert (port.url, port.meter.name, port.meter.clock) == ("/dev/ttyUSB0", "home", "auto")
    assert settings.destinations == ()
    assert (settings.keep, settings.max_size) == (timedelta(days=90), 2_000_000_000)
    assert settings.limits == settings.meter_limits["home"] == Limits("3x400", 20)


def test_every_setting_of_a_meter_reaches_it(file: Path) -> None:
    settings = of(
        file,
        f"""
        fuse = 25
        [[meter]]
        name = "home"
        port = "/dev/ttyUSB0"
        serial = "2400 8E1"
        silence = "2min"
        clock = "+02:00"
        zone = "Europe/Helsinki"
        clock_limit = "off"
        scale.energy = 10
        scale.current = 0.01
        ratio = 60
        keys = ["{KEY}", "{KEY}:{KEY[::-1]}"]
        label = "Farfars hus"
        tags = {{ building = "A" }}
        day_limit = 60
        """,
    )
    (port,) = settings.ports
    assert port.line == LineSettings(2400, 8, "E")
    assert port.silence == 120
    assert port.keys == (Key(bytes.fromhex(KEY)), Key(bytes.fromhex(KEY), bytes.fromhex(KEY[::-1])))
    assert (port.meter.clock, port.meter.zone, port.meter.clock_limit) == ("+02:00", "Europe/Helsinki", None)
    assert port.meter.scale == Scale(Decimal(10), Decimal("0.01"), None, Decimal(60))
    assert port.meter.tags == {"building": "A", "label": "Farfars hus"}
    assert settings.meter_limits == {"home": Limits(fuse=25, day=60)}


def test_options_win_over_the_environment_and_that_over_the_file(file: Path) -> None:
    text = meter('clock = "utc"\nname = "a"\nserial = "2400 8N1"')
    settings = of(file, text, {"HANLOGGER_METER": "b", "HANLOGGER_SERIAL": "2400 8E1"}, meter="c")
    (port,) = settings.ports
    assert (port.meter.clock, str(port.line), port.meter.name) == ("utc", "2400 8E1", "c")


def test_an_empty_variable_is_not_given(file: Path) -> None:
    settings = of(file, meter('clock = "utc"'), dict.fromkeys(map_variables(), ""))
    assert settings.ports[0].meter.clock == "utc"
    assert settings.destinations == ()


def test_a_variable_of_a_meter_is_an_error_beside_several_meters(file: Path) -> None:
    assert fault(file, TWO_METERS, {"HANLOGGER_PORT": "demo:"}) == (
        "HANLOGGER_PORT: found 2 [[meter]] in hanlogger.toml, so which is meant is not known; "
        "allowed: with one meter only. Set it in the file, and leave it empty here"
    )
    assert fault(file, TWO_METERS, port="demo:").startswith("--port: found 2 [[meter]]")


def test_a_limit_of_the_whole_is_allowed_beside_several_meters(file: Path) -> None:
    settings = of(file, TWO_METERS + "fuse = 16\n", {"HANLOGGER_FUSE": "35"})
    assert (settings.meter_limits["home"].fuse, settings.meter_limits["barn"].fuse) == (35, 16)


def test_the_demo_is_always_called_demo_and_has_no_real_meters_settings(file: Path) -> None:
    (port,) = of(file, meter('name = "home"\nclock = "utc"\nratio = 60'), {"HANLOGGER_PORT": "demo:"}).ports
    assert (port.url, port.meter.name, port.meter.clock, port.meter.scale) == ("demo:", "demo", "auto", Scale())
    assert of(file, '[[meter]]\nname = "x"\nport = "demo:"\n').ports[0].meter.name == "demo"
    assert "kept for the demo" in fault(file, meter('name = "demo"'))


def test_a_file_is_found_by_option_by_variable_and_in_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, clock in (("option", "utc"), ("variable", "flag"), ("hanlogger", "local")):
        (tmp_path / f"{name}.toml").write_text(meter(f'clock = "{clock}"'))
    environ = {"HANLOGGER_CONFIG": str(tmp_path / "variable.toml")}
    assert load(tmp_path / "option.toml", environ).ports[0].meter.clock == "utc"
    assert load(None, environ).ports[0].meter.clock == "flag"
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).ports[0].meter.clock == "local"


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.toml: cannot be read: No such file or directory"):
        load(tmp_path / "no.toml", {})


def test_paths_in_the_file_count_from_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = of(file, 'journal = "j.sqlite3"\n[[meter]]\nport = "file:capture.txt"\n')
    assert settings.journal == file.parent / "j.sqlite3"
    assert settings.ports[0].url == f"file:{file.parent / 'capture.txt'}"
    assert of(file, "", {"HANLOGGER_JOURNAL": "j.sqlite3"}).journal == Path("j.sqlite3").absolute()


def test_the_journal_of_a_service_is_in_its_state_directory(tmp_path: Path) -> None:
    assert load(None, {"STATE_DIRECTORY": "/var/lib/hanlogger"}).journal == Path("/var/lib/hanlogger/journal.sqlite3")


def test_destinations_have_names_and_defaults(file: Path) -> None:
    settings = of(
        file,
        '[influxdb]\nurl = "http://a:8086/"\ntoken_file = "token"\n[destination.copy]\nurl = "https://b"\norg = "o"\n',
    )
    first, second = settings.destinations
    assert (first.name, first.url, first.org, first.bucket) == ("influxdb", "http://a:8086", "home", "hanlogger")
    assert first.token_file == file.parent / "token"
    assert (second.name, second.url, second.org) == ("copy", "https://b", "o")


def test_a_database_may_be_given_by_the_environment_alone() -> None:
    environ = {"HANLOGGER_INFLUXDB_URL": "http://influxdb:8086", "HANLOGGER_INFLUXDB_TOKEN_FILE": "/run/token"}
    (to,) = load(None, environ).destinations
    assert (to.name, to.url, to.token_file) == ("influxdb", "http://influxdb:8086", Path("/run/token"))


def test_a_token_of_the_environment_takes_the_place_of_the_files_token_file(file: Path) -> None:
    (to,) = of(file, '[influxdb]\nurl = "http://a"\ntoken_file = "t"\n', {"HANLOGGER_INFLUXDB_TOKEN": "x"}).destinations
    assert to.token_file is None
    assert to.read_token() == "x"


def test_two_ways_to_say_one_secret_are_one_too_many(file: Path) -> None:
    both = {"HANLOGGER_NOTIFY": "a@b.se", "HANLOGGER_NOTIFY_FILE": "/x"}
    assert fault(file, "", both) == "HANLOGGER_NOTIFY_FILE stands beside HANLOGGER_NOTIFY: give one of the two"


FAULTS = [
    (meter('serial = "9600 9N1"'), 'meter 1: serial: found "9600 9N1"; allowed: auto (found by trying)'),
    (
        meter('clock = "summer"'),
        'meter 1: clock: found "summer"; allowed: auto, normal-time, flag, local',
    ),
    (meter('zone = "Norway/Oslo"'), 'meter 1: zone: found "Norway/Oslo"; allowed: a name of the IANA time zone'),
    (
        meter('clock_limit = "1"'),
        'meter 1: clock_limit: found "1"; allowed: a time such as "1d", at least 1s, or "off"',
    ),
    (meter("scale.energy = -1"), "meter 1: scale.energy: found -1; allowed: a number from 0.000001 to 1000000"),
    (meter("scale = 10"), "meter 1: scale: found 10; allowed: a table of settings"),
    (meter('name = "Farfars hus å"'), "allowed: letters A-Z a-z, digits, _ and -, for example Farfars-hus-a"),
    (meter('tags = { meter = "x" }'), "meter 1: tags: found {'meter': 'x'}; allowed: names of letters, digits and _"),
    (meter('label = "two\\nlines"'), "allowed: any text on one line"),
    (meter('serail = "auto"'), "meter 1: serail is no setting; did you mean serial?"),
    (meter("xyzzy = 1"), "meter 1: xyzzy is no setting; known are broker, clock, clock_limit, day_limit"),
    ('[[meter]]\nname = "home"\n', "hanlogger.toml: meter 1: port is missing; allowed: a device"),
    ('[[meter]]\nport = "usb0:"\n', 'meter 1: port: found "usb0:"; allowed: a device'),
    ('[[meter]]\nport = "socket://bridge"\n', 'meter 1: port: found "socket://bridge"; allowed: a device'),
    (
        '[meter]\nport = "/dev/a"\n',
        "hanlogger.toml: meter: found {'port': '/dev/a'}; allowed: [[meter]], one for each",
    ),
    (TWO_METERS.replace("barn", "home"), 'found name "home" in more than one [[meter]]; allowed: each once'),
    (TWO_METERS.replace("/dev/b", "/dev/a"), 'found port "/dev/a" in more than one [[meter]]; allowed: each once'),
    ('keep = "90"', 'hanlogger.toml: keep: found "90"; allowed: a time such as 90d, 12h, 4w'),
    ("keep = 90", "hanlogger.toml: keep: found 90; allowed: a time such as 90d, 12h, 4w"),
    ('max_size = "2 GByte"', 'hanlogger.toml: max_size: found "2 GByte"; allowed: a size such as 2 GB, 500 MB'),
    ("fuse = true", "hanlogger.toml: fuse: found True; allowed: amperes, a number from 1 to 10000"),
    ('net = "400"', 'hanlogger.toml: net: found "400"; allowed: "3x400", "3x230" or "1x230"'),
    ('[influxdb]\nbucket = "b"\n', "hanlogger.toml: influxdb.url is missing; allowed: an address"),
    ('[influxdb]\nurl = "influxdb:8086"\n', 'influxdb.url: found "influxdb:8086"; allowed: an address that begins'),
    ('[influxdb]\nurl = "http://h"\ntokn = "s3cret"\n', "influxdb.tokn is no setting; did you mean token?"),
    (
        '[destination."a b"]\nurl = "http://h"\n',
        'destination: found "a b"; allowed: letters A-Z a-z, digits, _ and -, for',
    ),
    ("keep = ", "hanlogger.toml: is not TOML: Invalid value (at end of document)"),
    (f"keep = {'[' * 5000}", "hanlogger.toml: is nested without an end"),
    (f"keep = {'9' * 5000}", "hanlogger.toml: has a number of too many digits"),
    (f'keep = "{"9" * 5000}"', f'keep: found "{"9" * 119}…; allowed: a time such as'),
    (f'[[meter]]\nport = "{"é" * 5000}"', f'port: found "{"é" * 119}…; allowed: a device'),
]


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=[words[:50] for _, words in FAULTS])
def test_a_fault_is_one_line_with_place_finding_and_what_is_allowed(file: Path, text: str, words: str) -> None:
    assert words in fault(file, text)


HARMFUL = {
    "keep": ("0d", "-1d", "0.000001s", "59s", "36501d", "999999999999w", "nan d", "inf d", "1e9d", "0", 0, -1, ""),
    "max_size": ("0 GB", "-1 GB", "0.0001 kB", "999 kB", "1001 TB", "999999999999 TB", "nan GB", 0, 2e9, ""),
    "fuse": (0, -1, 0.9, 1e-300, 10001, 1e308, "nan", "inf", "-inf", "", True),
    "power_limit": (0, -1, 0.9, 1.1e9, 1e308, "nan", "inf", True),
    "hour_limit": (0, -1, 0.0009, 1.1e6, "nan", "inf", True),
    "day_limit": (0, -1, 0.0009, 1.1e6, "nan", "inf", True),
    "meter.silence": ("0s", "-1s", "0.9s", "36501d", "999999999999w", "nan s", 0, 60, ""),
    "meter.clock_limit": ("0s", "0.9s", "36501d", "999999999999w", 0, 1, ""),
    "meter.ratio": (0, -1, 0.0000001, 1000001, "1e999999", "1e-999999", "nan", "sNaN", "inf", True),
    "meter.scale.energy": (0, -1, 0.0000001, 1000001, "1e999999", "nan", "inf", True),
    "meter.scale.current": (0, -1, 1000001, "nan", "inf", True),
    "meter.scale.voltage": (0, -1, 1000001, "nan", "inf", True),
    "meter.fuse": (0, "nan"),
    "meter.clock": ("+14:60", "+15:00", "+1", "", "UTC"),
    "meter.serial": ("0 8N1", "-9600 8N1", "999999999999 8N1", "9600", ""),
    "meter.port": (
        "socket://h:0",
        "socket://h:65536",
        "socket://h:-1",
        "socket://[::1:1",
        "file:",
        "file:~nobody-of-that-name/a",
        "",
    ),
    "meter.label": ("\\u001b[31m", "\\u0000"),
    "journal": ("\\u0000", "two\\nlines", "~nobody-of-that-name/journal"),
    "tariff": ("\\u0000", "~nobody-of-that-name/grid.toml"),
    "influxdb.token_file": ("\\u0000", "~nobody-of-that-name/token"),
    "influxdb.url": ("http://h:0", "http://h:65536", "http://[::1", "http://h h", "http://h/\\u0000", "http://", ""),
    "influxdb.token": ("", "two\\nlines", "é€"),
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in HARMFUL.items() for value in values])
def test_a_value_that_would_do_harm_is_refused_with_what_is_allowed(file: Path, key: str, value: object) -> None:
    table, _, name = key.rpartition("influxdb.") if "influxdb" in key else key.rpartition("meter.")
    text = f'"{value}"' if isinstance(value, str) else str(value).lower()
    place = {"": "", "meter.": '[[meter]]\nport = "/dev/a"\n', "influxdb.": '[influxdb]\nurl = "http://h"\n'}[table + _]
    if name in ("port", "url"):
        place = place.splitlines()[0] + "\n"
    words = fault(file, f"{place}{name} = {text}\n")
    assert f"{name}: found " in words
    assert "; allowed: " in words


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('keep = "1min"', lambda settings: settings.keep == timedelta(minutes=1)),
        ('keep = "36500d"', lambda settings: settings.keep == timedelta(days=36500)),
        ('max_size = "1 MB"', lambda settings: settings.max_size == 10**6),
        ('max_size = "1000 TB"', lambda settings: settings.max_size == 10**15),
        ("fuse = 1", lambda settings: settings.limits.fuse == 1),
        ("fuse = 10000", lambda settings: settings.limits.fuse == 10000),
        ("hour_limit = 0.001", lambda settings: settings.limits.hour == 0.001),
        (meter('silence = "1s"'), lambda settings: settings.ports[0].silence == 1),
        (meter('clock_limit = "1s"'), lambda settings: settings.ports[0].meter.clock_limit == 1),
        (meter("ratio = 0.000001"), lambda settings: settings.ports[0].meter.scale.ratio == Decimal("0.000001")),
        (meter("ratio = 1000000"), lambda settings: settings.ports[0].meter.scale.ratio == 10**6),
    ],
)
def test_the_least_and_the_most_are_allowed(file: Path, line: str, found: Callable[[Settings], bool]) -> None:
    assert found(of(file, line))


def test_a_byte_order_mark_before_the_settings_is_passed_over(file: Path) -> None:
    assert of(file, "\ufefffuse = 20\n").limits.fuse == 20


def test_a_fault_in_a_variable_names_the_variable(file: Path) -> None:
    words = fault(file, "", {"HANLOGGER_PORT": "/dev/a", "HANLOGGER_SERIAL": "fast"})
    assert words.startswith('HANLOGGER_SERIAL: found "fast"; allowed: auto')
    assert fault(file, "", {"HANLOGGER_METER": "home"}).startswith("hanlogger.toml: meter 1: port is missing; allowed:")


def test_no_secret_is_in_an_error_a_repr_or_a_list_of_settings(file: Path) -> None:
    secret = "s3cret" * 6
    texts = [fault(file, meter(f'keys = ["{secret}"]')), fault(file, meter(f'keys = "{secret}"'))]
    texts += [fault(file, f'notify = "{secret}"'), fault(file, f'[influxdb]\nurl = "http://h"\ntoken = ["{secret}"]')]
    texts += [fault(file, f'[influxdb]\nurl = "http://me:{secret}@h"\n')]
    settings = of(file, meter(f'keys = ["{KEY}"]') + f'[influxdb]\nurl = "http://h"\ntoken = "{secret}"\n')
    texts += [repr(settings), str(settings)]
    for text in texts:
        assert secret not in text
        assert KEY not in text.upper()
        assert repr(bytes.fromhex(KEY)) not in text


def test_keys_are_read_from_a_file_of_their_own(file: Path) -> None:
    (file.parent / "home.key").write_text(f"# the new one\n{KEY}\n\n{KEY[::-1]}:{KEY}  # the old one\n")
    (file.parent / "home.key").chmod(0o600)
    settings = of(file, meter('key_file = "home.key"'))
    assert [key.encryption.hex().upper() for key in settings.ports[0].keys] == [KEY, KEY[::-1]]
    assert settings.warnings == ()


def test_a_key_file_that_everybody_may_read_is_warned_about(file: Path) -> None:
    (file.parent / "home.key").write_text(KEY)
    (file.parent / "home.key").chmod(0o644)
    (warning,) = of(file, meter('key_file = "home.key"')).warnings
    assert "home.key holds a secret and can be read by every user: chmod o-r" in warning
    file.chmod(0o644)
    (warning,) = load(file, {"HANLOGGER_KEYS": KEY, "HANLOGGER_INFLUXDB_URL": "http://h"}).warnings or ("",)
    assert warning == ""


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o660, 0o601, 0o602, 0o604, 0o444])
def test_a_secret_is_open_to_all_where_every_user_and_not_only_a_group_may_read_it(file: Path, mode: int) -> None:
    secret = file.parent / "secret"
    secret.write_text(KEY)
    secret.chmod(mode)
    for text in (
        meter('key_file = "secret"'),
        'notify_file = "secret"',
        '[influxdb]\nurl = "http://h"\ntoken_file = "secret"',
        '[grafana]\nurl = "http://h"\npassword_file = "secret"',
    ):
        warnings = of(file, text).warnings
        wanted = (f"{secret} holds a secret and can be read by every user: chmod o-r {secret}",) if mode & 0o004 else ()
        assert warnings == wanted


@pytest.mark.parametrize(
    "text",
    [
        meter(f'keys = ["{KEY}"]'),
        'notify = "me@example.org"',
        '[influxdb]\nurl = "http://h"\ntoken = "s3cret"',
        '[grafana]\nurl = "http://h"\npassword = "s3cret"',
    ],
)
def test_a_file_with_a_secret_in_it_is_warned_about_as_well(file: Path, text: str) -> None:
    file.write_text(text)
    for mode, number in ((0o640, 0), (0o604, 1)):
        file.chmod(mode)
        assert len(load(file, {}).warnings) == number


def test_a_key_file_without_a_key_is_said_without_its_content(file: Path) -> None:
    (file.parent / "home.key").write_text("not a key at all")
    words = fault(file, meter('key_file = "home.key"'))
    assert "found no key in" in words
    assert "not a key at all" not in words
    assert "home.key, which cannot be read (No such file" in fault(file, meter('key_file = "../x/home.key"'))


def test_keys_of_the_environment_are_separated_by_commas(file: Path) -> None:
    settings = of(file, meter(""), {"HANLOGGER_KEYS": f"{KEY},{KEY[::-1]}"})
    assert len(settings.ports[0].keys) == 2


def test_a_variable_that_is_no_setting_is_refused_with_the_nearest_name(file: Path) -> None:
    assert fault(file, "", {"HANLOGGER_PROT": "/dev/ttyUSB0"}) == (
        "HANLOGGER_PROT is no setting; did you mean HANLOGGER_PORT?"
    )
    words = fault(file, "", {"HANLOGGER_XYZZY": "s3cret"})
    assert words.startswith("HANLOGGER_XYZZY is no setting; known are HANLOGGER_… with BROKER_ACK, BROKER_CA_FILE, ")
    assert "s3cret" not in words


def test_variables_of_the_tests_and_empty_ones_are_no_settings(file: Path) -> None:
    environ = {"HANLOGGER_TEST_INFLUXDB_URL": "http://h", "HANLOGGER_SOAK": "1", "HANLOGGER_SOAK_HOURS": "8"}
    assert of(file, "", {**environ, "HANLOGGER_PROT": ""}).warnings == ()


def test_the_contracts_variables_exist() -> None:
    names = """PORT METER SERIAL CLOCK ZONE CLOCK_LIMIT KEY_FILE FUSE POWER_LIMIT HOUR_LIMIT DAY_LIMIT NOTIFY
        NOTIFY_FILE JOURNAL KEEP MAX_SIZE MAX_SERIES INFLUXDB_URL INFLUXDB_ORG INFLUXDB_BUCKET INFLUXDB_TOKEN
        INFLUXDB_TOKEN_FILE INFLUXDB_CA_FILE"""
    assert {f"HANLOGGER_{name}" for name in names.split()} <= map_variables().keys()


def test_the_example_is_a_configuration(file: Path) -> None:
    settings = of(file, make_example_file())
    assert [port.meter.name for port in settings.ports] == ["home"]


def test_every_example_in_the_example_is_allowed() -> None:
    lines = make_example_file().splitlines()
    live = "\n".join(line.removeprefix("# ") for line in lines if re.match(r"(# )?([a-z_.]+ = |\[)", line))
    Schema.model_validate(tomllib.loads(live.replace("[destination.second]", '[destination.second]\nurl = "http://h"')))


def test_every_setting_is_explained_in_the_example() -> None:
    text = make_example_file()
    for place, told in map_variables().values():
        assert f"{place[-1]} = {told.example}" in text
        assert told.text in text
