"""The alert rules as files: what the settings make of them, what Grafana needs, and writing them at one stroke."""

from __future__ import annotations

import copy
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hanlogger.boards import data_source, provisioning
from hanlogger.boards.alerting import make_rule_file
from hanlogger.boards.board import list_panels
from hanlogger.boards.configured import from_settings
from hanlogger.boards.file_forms import RULE_FILE, find_problems
from hanlogger.boards.panels import Json
from hanlogger.boards.provisioning import (
    CONTACT,
    RULES,
    make_board_files,
    make_boards,
    make_rule_files,
    make_source_files,
    provision,
    write,
)
from hanlogger.boards.settings import BoardSettings, DataSource, Limits, RuleSettings
from hanlogger.cli import app
from hanlogger.config import load
from hanlogger.errors import ConfigError
from hanlogger.setup.grafana import render
from tests.support.tariffing import HEAD

ALL = RuleSettings(limits=Limits(hour=5, day=60), notify="https://ntfy.example/house")
WITHOUT_LIMITS = {
    "han-meter-silent", "han-power-high", "han-phase-current", "han-voltage", "han-phase-lost", "han-base-load",
    "han-counter-back", "han-clock", "han-damaged", "han-refused", "han-backlog", "han-hour-fee",
}  # fmt: skip


def rules_of(settings: RuleSettings) -> dict[str, Json]:
    return {rule["uid"]: rule for rule in make_rule_file(settings)["groups"][0]["rules"]}


def limit_of(rule: Json) -> list[float]:
    found: list[float] = rule["data"][-1]["model"]["conditions"][0]["evaluator"]["params"]
    return found


def read(folder: Path, path: Path) -> Json:
    tree: Json = yaml.safe_load((folder / path).read_text("utf-8"))
    return tree


# --- what the settings make of them


def test_hour_and_day_have_a_rule_only_where_there_is_a_limit() -> None:
    assert rules_of(RuleSettings()).keys() == WITHOUT_LIMITS
    assert rules_of(ALL).keys() == WITHOUT_LIMITS | {"han-hour-energy", "han-day-energy"}


def test_a_building_has_a_rule_where_its_fuse_is_set() -> None:
    found = rules_of(RuleSettings(limits=Limits(net="3x230"), building=100))
    assert found.keys() == WITHOUT_LIMITS | {"han-building-power"}
    assert limit_of(found["han-building-power"]) == [35.856]
    assert rules_of(RuleSettings(off=frozenset({"han-building-power"}))).keys() == WITHOUT_LIMITS


def test_limits_are_those_of_the_settings() -> None:
    found = rules_of(RuleSettings(limits=Limits(fuse=25, power=9000, hour=5, day=60.5)))
    assert limit_of(found["han-phase-current"]) == [22.5]
    assert limit_of(found["han-power-high"]) == [9000]
    assert limit_of(found["han-hour-energy"]) == [5]
    assert limit_of(found["han-day-energy"]) == [60.5]


@pytest.mark.parametrize(("net", "watts"), [("3x400", 12470), ("3x230", 7171), ("1x230", 4140)])
def test_without_a_power_limit_it_is_nine_tenths_of_what_the_fuse_carries(net: Any, watts: float) -> None:
    assert limit_of(rules_of(RuleSettings(limits=Limits(net=net)))["han-power-high"]) == [watts]


def test_a_meter_with_its_own_limits_has_its_own_rules_and_is_left_out_of_the_others() -> None:
    found = rules_of(RuleSettings(limits=Limits(day=60), meters={"barn": Limits(fuse=35)}))
    assert {uid for uid in found if uid.endswith("-barn")} == {"han-power-high-barn", "han-phase-current-barn"}
    assert "\"meter\" = 'barn' AND" in found["han-phase-current-barn"]["data"][0]["model"]["query"]
    assert '"meter" !~ /^(barn)$/ AND' in found["han-day-energy"]["data"][0]["model"]["query"]
    assert found["han-power-high-barn"]["title"] != found["han-power-high"]["title"]


def test_two_meters_with_long_names_have_rules_of_their_own() -> None:
    names = ["a" * 40 + end for end in "xy"]
    found = rules_of(RuleSettings(meters={name: Limits(fuse=35) for name in names}))
    own = [uid for uid in found if uid.startswith("han-phase-current-")]
    assert len(own) == 2
    assert max(map(len, own)) <= 40


def test_a_name_that_makes_a_uid_of_40_letters_stands_in_it_and_a_longer_one_does_not() -> None:
    fits, longer = "a" * (40 - len("han-phase-current-")), "b" * (41 - len("han-phase-current-"))
    found = rules_of(RuleSettings(meters={name: Limits(fuse=35) for name in (fits, longer)}))
    assert f"han-phase-current-{fits}" in found
    assert f"han-phase-current-{longer}" not in found
    (hashed,) = (uid for uid in found if re.fullmatch("han-phase-current-[0-9a-f]{8}", uid))
    assert f"'{longer}'" in found[hashed]["data"][0]["model"]["query"]


def test_only_the_silent_meter_speaks_of_missing_data() -> None:
    found = rules_of(ALL)
    speaking = {uid for uid, rule in found.items() if {rule["noDataState"], rule["execErrState"]} != {"KeepLast"}}
    assert speaking == {"han-meter-silent"}
    assert found["han-meter-silent"]["noDataState"] == found["han-meter-silent"]["execErrState"] == "Alerting"


def test_a_rule_that_is_not_wanted_is_left_out_and_one_that_is_not_known_is_named() -> None:
    assert "han-base-load" not in rules_of(RuleSettings(off=frozenset({"han-base-load"})))
    with pytest.raises(ConfigError, match=r"'han-bas-load'.*han-base-load"):
        make_rule_file(RuleSettings(off=frozenset({"han-bas-load"})))


def test_texts_are_in_the_language_asked_for() -> None:
    assert rules_of(RuleSettings(lang="sv"))["han-meter-silent"]["title"] == "Mätaren är tyst"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"net": "3x500"}, "net: found '3x500', allowed are 3x400, 3x230, 1x230"),
        ({"fuse": 0}, "fuse: found 0, allowed is a number of A above 0"),
        ({"fuse": float("inf")}, "fuse: found inf"),
        ({"power": 0}, "power_limit: found 0, allowed is a number of W above 0"),
        ({"power": float("nan")}, "power_limit: found nan"),
        ({"hour": -1}, "hour_limit: found -1, allowed is a number of kWh above 0"),
        ({"day": float("inf")}, "day_limit: found inf, allowed is a number of kWh above 0"),
    ],
)
def test_a_limit_that_is_none_is_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(words)}"):
        Limits(**wrong)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a|b", "(a)", "å", "a\n", "a'b"])
def test_a_name_that_would_be_more_than_a_name_in_a_query_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^meter: found"):
        RuleSettings(meters={name: Limits()})


@pytest.mark.parametrize("name", ["a", "A-1_b", "0"])
def test_letters_digits_and_two_signs_are_a_name(name: str) -> None:
    assert RuleSettings(meters={name: Limits()}).meters.keys() == {name}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lang": "no"}, "lang: found 'no', allowed are en, sv"),
        ({"zone": "Mars/Base"}, "zone: found 'Mars/Base'"),
        ({"building": 0}, "building_fuse: found 0, allowed is a number of A above 0"),
    ],
)
def test_a_language_a_zone_or_a_building_that_rules_cannot_have_is_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(words)}"):
        RuleSettings(**wrong)


@pytest.mark.parametrize("url", ["", "influxdb:8086", "ftp://h", "http://", "http://a b", "http://[::1"])
def test_a_data_source_that_grafana_could_not_reach_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^influxdb url: found .*, allowed is http://… or https://…"):
        DataSource(url=url)
    assert DataSource(url="https://h").url == "https://h"


# --- what Grafana needs


def test_each_rule_points_to_a_panel_that_shows_the_same_quantity() -> None:
    panels = {
        (board.uid, number): " ".join(target.get("query", "") for target in panel["targets"])
        for board in make_boards(BoardSettings())
        for number, panel in enumerate(list_panels(board), start=1)
    }
    for rule in rules_of(ALL).values():
        measurement = rule["data"][0]["model"]["query"].split('FROM "')[1].split('"')[0]
        quantity = measurement.removesuffix("_power")
        shown = "energy_interval" if rule["uid"] == "han-hour-energy" else quantity
        assert f'FROM "{shown}' in panels[rule["dashboardUid"], rule["panelId"]], rule["uid"]


def test_a_rule_asks_the_database_once_and_each_step_names_one_before_it() -> None:
    for rule in rules_of(ALL).values():
        sources = [step["datasourceUid"] for step in rule["data"]]
        assert sources.count("hanlogger-influxql") == 1
        known: set[str] = set()
        for step in rule["data"]:
            expression = step["model"].get("expression", "")
            assert not expression or any(name in expression for name in known)
            known.add(step["refId"])
            assert step["relativeTimeRange"]["from"] > 0
        assert rule["condition"] == rule["data"][-1]["refId"]


@pytest.mark.parametrize(
    ("break_it", "where"),
    [
        (lambda rule: rule.update(noDataState="Keep"), "noDataState"),
        (lambda rule: rule.update(keep_firing_for="5m"), "keep_firing_for"),
        (lambda rule: rule.update(uid="han rule"), "uid"),
        (lambda rule: rule.update({"for": "5 min"}), "for"),
        (lambda rule: rule.update(title=""), "title"),
        (lambda rule: rule.pop("condition"), "condition"),
        (lambda rule: rule["data"][0]["relativeTimeRange"].pop("from"), "from"),
        (lambda rule: rule["data"][1]["model"].update(reducer="lst"), "reducer"),
        (lambda rule: rule.update(data=None), "data"),
        (lambda rule: rule["data"].append(None), "data"),
        (lambda rule: rule["data"][0]["relativeTimeRange"].update({"from": "5m"}), "from"),
        (lambda rule: rule["data"][0]["model"].update(rawQuery=1), "rawQuery"),
        (lambda rule: rule["data"][0]["model"].update(intervalMs=1.5), "intervalMs"),
        (lambda rule: rule["data"][-1]["model"]["conditions"][0]["evaluator"].update(params=["1"]), "params"),
        (lambda rule: rule["data"][-1]["model"]["conditions"][0]["evaluator"].update(params=[True]), "params"),
        (lambda rule: rule["data"][-1]["model"]["conditions"][0]["evaluator"].update(type="ge"), "type"),
        (lambda rule: rule.update(panelId=True), "panelId"),
        (lambda rule: rule.update(panelId="3"), "panelId"),
        (lambda rule: rule.update(uid="a" * 41), "uid"),
        (lambda rule: rule.update({"for": "0m"}), "for"),
        (lambda rule: rule["labels"].update(severity="fatal"), "severity"),
        (lambda rule: rule["labels"].update(team="mine"), "team"),
        (lambda rule: rule["labels"].pop("app"), "app"),
        (lambda rule: rule["annotations"].update(summary=" "), "summary"),
    ],
)
def test_what_would_stop_grafana_or_be_dropped_is_found(break_it: Any, where: str) -> None:
    tree = copy.deepcopy(make_rule_file(ALL))
    assert not list(find_problems(tree, RULE_FILE))
    break_it(tree["groups"][0]["rules"][3])
    (found, *_) = find_problems(tree, RULE_FILE)
    assert where in found


def test_rules_have_uids_and_titles_of_their_own() -> None:
    found = rules_of(RuleSettings(limits=ALL.limits, meters={"barn": ALL.limits, "cabin": Limits(fuse=35)}))
    assert len({rule["title"] for rule in found.values()}) == len(found)


# --- where messages go


@pytest.mark.parametrize(
    ("notify", "receiver"),
    [
        ("a.name@host.example", {"type": "email", "settings": {"addresses": "a.name@host.example"}}),
        (
            "https://ntfy.example/$room?a=$b",
            {"type": "webhook", "settings": {"url": "https://ntfy.example/$$room?a=$$b", "httpMethod": "POST"}},
        ),
    ],
)
def test_a_message_goes_to_an_address_or_a_webhook_with_its_dollars_doubled(notify: str, receiver: Json) -> None:
    files = make_rule_files(RuleSettings(notify=notify))
    point = yaml.safe_load(files[CONTACT])["contactPoints"][0]
    assert point["receivers"] == [{"uid": "hanlogger-1", **receiver}]
    for rule in rules_of(RuleSettings(notify=notify)).values():
        assert rule["notification_settings"]["receiver"] == point["name"]


def test_without_a_target_there_is_no_contact_point_and_rules_name_none() -> None:
    assert list(make_rule_files(RuleSettings())) == [RULES]
    assert not [rule for rule in rules_of(RuleSettings()).values() if "notification_settings" in rule]


@pytest.mark.parametrize(
    "wrong", ["", "secret", "@secret", "a@secret@c", "a secret@host", "ftp://secret", "https://", "http:// secret"]
)
def test_a_target_that_grafana_would_not_start_with_is_refused_without_showing_it(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"^notify: allowed are") as found:
        RuleSettings(notify=wrong)
    assert "secret" not in str(found.value)


def test_the_target_is_not_in_what_python_prints_of_the_settings() -> None:
    assert "ntfy" not in repr(ALL)


# --- writing


def _provision(folder: Path, settings: RuleSettings) -> None:
    provision(folder, BoardSettings(), settings, DataSource())


def test_everything_is_written_and_the_target_is_not_for_everybody(tmp_path: Path) -> None:
    _provision(tmp_path, ALL)
    there = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {
        *make_board_files(BoardSettings()),
        *make_rule_files(ALL),
        *provisioning.make_source_files(DataSource()),
    }
    modes = {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in there}
    assert modes.pop(CONTACT) == 0o640
    assert set(modes.values()) == {0o644}


def test_a_rule_that_is_no_longer_wanted_is_deleted_from_then_on(tmp_path: Path) -> None:
    _provision(tmp_path, ALL)
    for _ in range(2):
        _provision(tmp_path, RuleSettings())
        gone = [rule["uid"] for rule in read(tmp_path, RULES)["deleteRules"]]
        assert gone == ["han-day-energy", "han-hour-energy"]
    _provision(tmp_path, ALL)
    assert "deleteRules" not in read(tmp_path, RULES)


def test_a_contact_point_that_is_no_longer_wanted_is_deleted(tmp_path: Path) -> None:
    _provision(tmp_path, ALL)
    for _ in range(2):
        _provision(tmp_path, RuleSettings())
        assert read(tmp_path, CONTACT) == {
            "apiVersion": 1,
            "deleteContactPoints": [{"orgId": 1, "uid": "hanlogger-1"}],
        }


@pytest.mark.parametrize(
    "old", ["", "groups: [", "- 1\n", "groups: [{}]\n", "groups: 5\n", "\0", "a: !!python/name:os.system\n"]
)
def test_an_old_file_that_is_not_understood_is_replaced(tmp_path: Path, old: str) -> None:
    (tmp_path / RULES).parent.mkdir()
    (tmp_path / RULES).write_text(old)
    _provision(tmp_path, RuleSettings())
    assert "deleteRules" not in read(tmp_path, RULES)


def test_a_wrong_setting_leaves_the_old_files(tmp_path: Path) -> None:
    _provision(tmp_path, ALL)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    with pytest.raises(ConfigError):
        _provision(tmp_path, RuleSettings(off=frozenset({"none"})))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_a_write_that_fails_half_way_leaves_the_old_files_and_nothing_else(tmp_path: Path) -> None:
    _provision(tmp_path, RuleSettings())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    with pytest.raises(UnicodeEncodeError):
        write({RULES: "new", Path("boards/live.json"): "\ud800"}, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_grafana_is_told_of_one_data_source_and_one_folder_of_boards_and_may_change_neither(tmp_path: Path) -> None:
    source = DataSource(url="http://h:8086", bucket="mine", user="u", password="$__file{/p}")
    provision(tmp_path, BoardSettings(), RuleSettings(), source, Path("/etc/g"))
    assert read(tmp_path, provisioning.DATA_SOURCE) == {
        "apiVersion": 1,
        "prune": True,
        "datasources": [
            {
                "name": "hanlogger",
                "type": "influxdb",
                "uid": "hanlogger-influxql",
                "access": "proxy",
                "url": "http://h:8086",
                "isDefault": True,
                "editable": False,
                "user": "u",
                "jsonData": {"version": "InfluxQL", "dbName": "mine", "httpMode": "POST", "timeInterval": "10s"},
                "secureJsonData": {"password": "$__file{/p}"},
            }
        ],
    }
    assert read(tmp_path, provisioning.PROVIDER) == {
        "apiVersion": 1,
        "providers": [
            {
                "name": "hanlogger",
                "orgId": 1,
                "type": "file",
                "folder": "hanlogger",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": "/etc/g/boards"},
            }
        ],
    }


def test_a_dollar_in_the_data_source_is_a_dollar(tmp_path: Path) -> None:
    provision(tmp_path, BoardSettings(), RuleSettings(), DataSource(url="http://h/$a", user="$u", bucket="b$"))
    (source,) = read(tmp_path, provisioning.DATA_SOURCE)["datasources"]
    assert (source["url"], source["user"], source["jsonData"]["dbName"]) == ("http://h/$$a", "$$u", "b$$")


SPECIAL = "a b#c: 'd' \"e\" \\f {g} [h] *i &j !k %l @m `n` | > - ? é \t\n$o"


def expanded(text: str) -> str:
    """As Grafana 13 reads a text of a provisioning file: $$ is $, what else begins with $ would be a variable."""
    parts = text.split("$$")
    assert not any("$" in part for part in parts), f"a variable in {text}"
    return "$".join(parts)


def test_a_path_is_read_by_grafana_as_it_is_whatever_is_in_it(tmp_path: Path) -> None:
    for name in ("${HOME}", "$__file{x}", "$HOME$$", "$", "yes", "~", "0x1F", *SPECIAL.split(), SPECIAL):
        folder = tmp_path / f"x{name}"
        for seen_as in (folder, Path("/", name)):
            write(make_source_files(DataSource(), seen_as), folder)
            assert provided_path(folder) == str(seen_as / "boards")


def test_boards_are_where_they_are_written_or_where_grafana_sees_them(tmp_path: Path) -> None:
    folder = tmp_path / SPECIAL
    provision(folder, BoardSettings(), RuleSettings(), DataSource())
    assert provided_path(folder) == str(folder / "boards")
    provision(folder, BoardSettings(), RuleSettings(), DataSource(), seen_as=Path("/", SPECIAL))
    assert provided_path(folder) == str(Path("/", SPECIAL, "boards"))


def provided_path(folder: Path) -> str:
    """Where the boards are, as Grafana reads it."""
    (provider,) = read(folder, provisioning.PROVIDER)["providers"]
    return expanded(provider["options"]["path"])


@pytest.mark.parametrize("name", [part for part in [*SPECIAL.split(), SPECIAL] if not {"$", "}"} & set(part)])
def test_the_file_of_a_password_is_named_as_it_is(tmp_path: Path, name: str) -> None:
    password = data_source.refer_to_secret(Path("/etc", name))
    provision(tmp_path, BoardSettings(), RuleSettings(), DataSource(password=password))
    (source,) = read(tmp_path, provisioning.DATA_SOURCE)["datasources"]
    assert source["secureJsonData"]["password"] == f"$__file{{/etc/{name}}}"


# --- commands


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANLOGGER_CONFIG", "")
    monkeypatch.setenv("HANLOGGER_JOURNAL", str(tmp_path / "journal.sqlite3"))
    return CliRunner()


def test_rules_are_printed_with_the_limits_of_the_environment(command: CliRunner) -> None:
    found = command.invoke(app, ["grafana", "rules"], env={"HANLOGGER_FUSE": "25", "HANLOGGER_HOUR_LIMIT": "5"})
    assert found.exit_code == 0, found.output
    by_uid = {rule["uid"]: rule for rule in yaml.safe_load(found.stdout)["groups"][0]["rules"]}
    assert limit_of(by_uid["han-phase-current"]) == [22.5]
    assert limit_of(by_uid["han-hour-energy"]) == [5]


def test_rules_that_are_written_say_that_grafana_must_be_restarted_and_how(command: CliRunner, tmp_path: Path) -> None:
    found = command.invoke(app, ["grafana", "rules", "--dir", str(tmp_path)])
    assert found.exit_code == 0, found.output
    assert found.stdout.split() == [str(tmp_path / provisioning.RULES)]
    assert "Restart it now: docker compose restart grafana" in found.stderr


def test_a_grafana_of_ones_own_gets_all_files_and_keeps_its_default_source(command: CliRunner, tmp_path: Path) -> None:
    arguments = ["provision", "--dir", str(tmp_path / "g"), "--password-file", "/etc/grafana/influx", "--lang", "sv"]
    found = command.invoke(app, ["grafana", *arguments, "--url", "http://db:8086"])
    assert found.exit_code == 0, found.output
    (source,) = read(tmp_path / "g", provisioning.DATA_SOURCE)["datasources"]
    assert (source["isDefault"], source["url"]) == (False, "http://db:8086")
    assert source["secureJsonData"]["password"] == "$__file{/etc/grafana/influx}"
    (provider,) = read(tmp_path / "g", provisioning.PROVIDER)["providers"]
    assert provider["options"]["path"] == str(tmp_path / "g" / "boards")
    assert "Mätare" in (tmp_path / "g" / "boards" / "live.json").read_text("utf-8")


@pytest.mark.parametrize(("arguments", "word"), [([], "Mätare"), (["--lang", "en"], "Meter")])
def test_the_language_is_the_one_set_unless_another_is_asked_for(
    command: CliRunner, tmp_path: Path, arguments: list[str], word: str
) -> None:
    given = ["--dir", str(tmp_path / "g"), "--password-file", "/f", "--url", "http://db:8086", *arguments]
    found = command.invoke(app, ["grafana", "provision", *given], env={"HANLOGGER_LANGUAGE": "sv"})
    assert found.exit_code == 0, found.output
    assert f'"{word}"' in (tmp_path / "g" / "boards" / "live.json").read_text("utf-8")


def test_compose_sets_grafana_up_in_the_language_set(tmp_path: Path) -> None:
    environ = {"HANLOGGER_LANGUAGE": "sv", "HANLOGGER_INFLUXDB_URL": "http://db:8086"}
    settings = load(None, environ)
    render(tmp_path, settings, settings.destinations[0])
    assert '"Mätare"' in (tmp_path / "boards" / "live.json").read_text("utf-8")
    (group,) = read(tmp_path, RULES)["groups"]
    assert "Mätaren är tyst" in {rule["title"] for rule in group["rules"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--password-file", "/f", "--lang", "no"], "'no' is not one of 'en', 'sv'"),
        (["--password-file", "f", "--url", "http://h"], "the whole path"),
        (["--password-file", "/f", "--url", "h"], "allowed is http"),
        (["--password-file", "/f"], "no InfluxDB"),
        (["--password-file", "/x$HOME/f", "--url", "http://h"], "without them"),
        (["--password-file", "/x${HOME}/f", "--url", "http://h"], "without them"),
        (["--password-file", "/x}/f", "--url", "http://h"], "without them"),
        (["--password-file", "/\udcff", "--url", "http://h"], "not UTF-8"),
        (["--password-file", "/f", "--url", "http://h", "--seen-as", "\udcff"], "not UTF-8"),
        (["--password-file", "/f", "--url", "http://h", "--seen-as", "g"], "the whole path"),
    ],
)
def test_a_wrong_option_is_named(command: CliRunner, tmp_path: Path, arguments: list[str], words: str) -> None:
    found = command.invoke(app, ["grafana", "provision", "--dir", str(tmp_path / "g"), *arguments])
    assert found.exit_code == 2
    assert words in found.stderr
    assert not (tmp_path / "g").exists()


def test_the_settings_of_the_logger_become_those_of_boards_and_rules(tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text(
        'fuse = 25\nnotify = "a@b.example"\n[[meter]]\nname = "home"\nport = "demo:"\n'
        '[[meter]]\nname = "barn"\nport = "/dev/null"\nnet = "1x230"\nfuse = 35\nday_limit = 20\n'
    )
    shown, rules = from_settings(load(file, {}), "sv")
    assert (shown.fuse, shown.net, shown.lang) == (25, "3x400", "sv")
    assert rules.meters == {"barn": Limits(net="1x230", fuse=35, day=20)}
    assert (rules.limits, rules.notify) == (Limits(fuse=25), "a@b.example")


def test_a_buildings_fuse_is_that_of_the_settings_on_the_board_too(tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text("building_fuse = 250\n")
    shown, rules = from_settings(load(file, {}))
    assert (shown.building, rules.building) == (250, 250)
    shown, rules = from_settings(load(None, {}))
    assert (shown.building, rules.building) == (160, None)


def test_boards_and_rules_count_in_the_currency_of_the_tariff(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(HEAD.replace("SEK", "EUR"))
    (tmp_path / "hanlogger.toml").write_text('tariff = "grid.toml"\n[[meter]]\nname = "home"\nport = "demo:"\n')
    shown, rules = from_settings(load(tmp_path / "hanlogger.toml", {}))
    assert (shown.currency, rules.currency) == ("EUR", "EUR")
    assert "}} EUR if the power" in rules_of(rules)["han-hour-fee"]["annotations"]["summary"]
