"""What each alert rule says, written down by hand: what it asks, of how long, from which number on, for how long.

The files that are built from the rules say that something has changed. Here is what is right.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import pytest

from hanlogger.boards.alerting import make_rule_file
from hanlogger.boards.board import list_panels
from hanlogger.boards.panels import Json
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings, Limits, RuleSettings


class Meaning(NamedTuple):
    """A rule in words: `query` up to its condition of time, and Grafana's steps after it."""

    query: str
    span: int  # minutes
    reducers: tuple[str, ...]
    condition: tuple[str, tuple[float, ...]]
    wait: str
    severity: str
    math: str = ""
    keep: str = ""


IMPORT = """FROM "active_power" WHERE "direction" = 'import' AND "phase" = 'total' AND $timeFilter"""
EXPORT = IMPORT.replace("import", "export")
BY_METER, BY_PHASE = 'GROUP BY "meter"', 'GROUP BY "meter", "phase"'
DAY = 24 * 60

MEANINGS = {
    "han-meter-silent": Meaning(
        f'SELECT elapsed("v", 1s) FROM (SELECT last("value") AS "v" {IMPORT} {BY_METER}), '
        f'(SELECT last("n") AS "v" FROM (SELECT count("value") AS "n" {IMPORT} GROUP BY time(30s, now()), "meter" '
        f'fill(0)) {BY_METER}) {BY_METER}',
        DAY, ("last",), ("gt", (180,)), "1m", "critical", keep="5m",
    ),
    "han-power-high": Meaning(
        f'SELECT mean("value") {IMPORT} GROUP BY time(1m), "meter" fill(none)', 5, ("mean",), ("gt", (12_470,)), "5m",
        "warning",
    ),
    "han-phase-current": Meaning(
        f'SELECT mean("a") FROM (SELECT abs("value") AS "a" FROM "current" WHERE $timeFilter {BY_PHASE}) '
        'GROUP BY time(1m), "meter", "phase" fill(none)', 2, ("mean",), ("gt", (18,)), "1m", "critical", keep="5m",
    ),
    "han-hour-energy": Meaning(
        'SELECT (sum("m") + last("m") * (60 - count("m"))) / 60000 FROM (SELECT mean("value") AS "m" '
        f'{IMPORT} GROUP BY time(1m), "meter" fill(none)) GROUP BY time(1h), "meter" fill(none)', 60, ("last",),
        ("gt", (5,)), "2m", "warning", keep="5m",
    ),
    "han-day-energy": Meaning(
        """SELECT sum("value") / 1000 FROM "energy_interval" WHERE "direction" = 'import' AND $timeFilter """
        """GROUP BY time(1d), "meter" fill(none) tz('Europe/Stockholm')""", 2 * DAY, ("last",),
        ("gt", (60,)), "1m", "info",
    ),
    "han-month-energy": Meaning(
        f'SELECT last("month") / 1000 FROM "hanlogger" WHERE $timeFilter {BY_METER}', 60, ("last",), ("gt", (1500,)),
        "1m", "info",
    ),
    "han-building-power": Meaning(
        f'SELECT sum("v") / 1000 FROM (SELECT mean("value") AS "v" {IMPORT} {BY_METER}), '
        f'(SELECT -1 * mean("value") AS "v" {EXPORT} {BY_METER})', 5, ("last",), ("gt", (99.763,)), "5m",
        "critical", keep="5m",
    ),
    "han-voltage": Meaning(
        f'SELECT mean("value") FROM "voltage" WHERE "value" > 100 AND $timeFilter {BY_PHASE}', 10, ("last",),
        ("outside_range", (207, 253)), "10m", "warning",
    ),
    "han-phase-lost": Meaning(
        f'SELECT max("value") - last("value") FROM "voltage" WHERE $timeFilter {BY_PHASE}', DAY, ("last",),
        ("gt", (130,)), "1m", "critical",
    ),
    "han-base-load": Meaning(
        'SELECT "base" FROM (SELECT percentile("m", 20) AS "base", count("m") AS "n" FROM (SELECT mean("value") AS "m",'
        f' min("value") AS "least" {IMPORT} GROUP BY time(10m), "meter" fill(none)) WHERE "least" > 0 '
        f'GROUP BY time(259200721ms, now()), "meter" fill(none)) WHERE "n" >= 100 {BY_METER}', 15 * DAY,
        ("last", "median"), ("gt", (0,)), "1h", "info", "$B > 1.5 * $C && $B > $C + 50",
    ),
    "han-counter-back": Meaning(
        'SELECT min("d") FROM (SELECT difference("value") AS "d" FROM "active_energy" WHERE "phase" = \'total\' AND '
        '$timeFilter GROUP BY "meter", "direction", "obis") GROUP BY "meter", "direction", "obis"', DAY, ("last",),
        ("lt", (0,)), "1m", "info",
    ),
    "han-clock": Meaning(
        f'SELECT median("value") FROM "clock_offset" WHERE $timeFilter {BY_METER}', 60, ("last",),
        ("outside_range", (-120, 120)), "30m", "info",
    ),
    "han-damaged": Meaning(
        f'SELECT spread("damaged") / spread("frames") FROM "hanlogger" WHERE $timeFilter {BY_METER}', 60, ("last",),
        ("gt", (0.05,)), "15m", "warning",
    ),
    "han-refused": Meaning(
        'SELECT last("refused") - first("refused") FROM "hanlogger" WHERE $timeFilter GROUP BY "logger"', 60,
        ("last",), ("gt", (0,)), "1m", "warning",
    ),
    "han-hour-fee": Meaning(
        'SELECT last("extra") FROM "running_hour" WHERE $timeFilter GROUP BY "meter", "line"', 5, ("last",),
        ("gt", (0,)), "3m", "warning",
    ),
    "han-backlog": Meaning(
        'SELECT mean("d") FROM (SELECT derivative("undelivered_age", 1m) AS "d" FROM "hanlogger" WHERE $timeFilter '
        'GROUP BY "logger") GROUP BY "logger"', 15, ("last",), ("gt", (20,)), "5m", "warning",
    ),
}  # fmt: skip

PLACES = {
    "han-meter-silent": ("han-health", "Since the last telegram"),
    "han-power-high": ("han-live", "Of the main fuse"),
    "han-phase-current": ("han-current", "Of the fuse"),
    "han-hour-energy": ("han-energy", "Per hour, 2 days"),
    "han-day-energy": ("han-energy", "Days"),
    "han-month-energy": ("han-energy", "Of the month's limit"),
    "han-hour-fee": ("han-cost", "Raises the fee by"),
    "han-building-power": ("han-fleet", "Of the building's fuse"),
    "han-voltage": ("han-voltage", "10-minute means"),
    "han-phase-lost": ("han-voltage", "Voltage now"),
    "han-base-load": ("han-live", "Base load, 24 h"),
    "han-counter-back": ("han-energy", "Counter"),
    "han-clock": ("han-health", "Meter clock less host clock"),
    "han-damaged": ("han-health", "Damaged and undecoded"),
    "han-refused": ("han-health", "Refused and retried"),
    "han-backlog": ("han-health", "Waiting for the database"),
}

WRITTEN: dict[str, Json] = {
    rule["uid"]: rule
    for rule in make_rule_file(RuleSettings(Limits(fuse=20, hour=5, day=60, month=1500), building=160))["groups"][0][
        "rules"
    ]
}
each_rule = pytest.mark.parametrize("uid", MEANINGS)


def steps(uid: str) -> dict[str, Json]:
    return {step["refId"]: step for step in WRITTEN[uid]["data"]}


def test_every_rule_has_its_meaning_written_down() -> None:
    assert WRITTEN.keys() == MEANINGS.keys() == PLACES.keys()


@each_rule
def test_a_rule_asks_what_it_means_over_its_span(uid: str) -> None:
    asked, meant = steps(uid)["A"], MEANINGS[uid]
    assert asked["model"]["query"] == meant.query
    assert asked["model"]["rawQuery"] is True
    assert asked["model"]["resultFormat"] == "time_series"
    assert {tuple(step["relativeTimeRange"].items()) for step in steps(uid).values()} == {
        (("from", 60 * meant.span), ("to", 0))
    }


@each_rule
def test_a_rule_compares_the_number_that_it_means(uid: str) -> None:
    found, meant = steps(uid), MEANINGS[uid]
    letters = "BC"[: len(meant.reducers)]
    assert list(found) == ["A", *letters, *("Y" if meant.math else ""), "Z"]
    for letter, reducer in zip(letters, meant.reducers, strict=True):
        model = found[letter]["model"]
        assert (model["type"], model["expression"], model["reducer"]) == ("reduce", "A", reducer)
        assert model["settings"] == {"mode": "dropNN"}
    if meant.math:
        assert (found["Y"]["model"]["type"], found["Y"]["model"]["expression"]) == ("math", meant.math)
    compared, (kind, limits) = found["Z"]["model"], meant.condition
    assert (compared["type"], compared["expression"]) == ("threshold", "Y" if meant.math else "B")
    assert compared["conditions"] == [{"evaluator": {"type": kind, "params": [pytest.approx(x) for x in limits]}}]
    assert WRITTEN[uid]["condition"] == "Z"


@each_rule
def test_a_rule_waits_speaks_and_ends_as_it_means(uid: str) -> None:
    rule, meant = WRITTEN[uid], MEANINGS[uid]
    assert rule["for"] == meant.wait
    assert rule.get("keepFiringFor", "") == meant.keep
    assert rule["labels"] == {"app": "hanlogger", "severity": meant.severity}


@each_rule
def test_without_data_the_silent_meter_alone_is_an_alarm_and_an_alarm_outlives_a_gap_of_a_day(uid: str) -> None:
    rule = WRITTEN[uid]
    silent = uid == "han-meter-silent"
    assert rule["noDataState"] == rule["execErrState"] == ("Alerting" if silent else "KeepLast")
    assert rule["missing_series_evals_to_resolve"] == (5 if silent else 24 * 60)


@each_rule
def test_the_panel_that_a_rule_points_to_shows_it(uid: str) -> None:
    titles = {
        (board.uid, number): panel["title"]
        for board in make_boards(BoardSettings())
        for number, panel in enumerate(list_panels(board), start=1)
    }
    title = titles[WRITTEN[uid]["dashboardUid"], WRITTEN[uid]["panelId"]]
    assert (WRITTEN[uid]["dashboardUid"], title.en) == PLACES[uid]


@each_rule
def test_a_message_links_to_the_panel_for_its_meter(uid: str) -> None:
    rule = WRITTEN[uid]
    path = f"/d/{rule['dashboardUid']}?viewPanel={rule['panelId']}"
    meter = "{{ if $labels.meter }}&var-meter={{ $labels.meter }}{{ end }}"
    assert rule["annotations"]["board"] == '{{ reReplaceAll "/+$" "" externalURL }}' + path + meter


def test_rules_are_asked_each_minute_in_one_group_of_a_folder_of_their_own() -> None:
    (group,) = make_rule_file(RuleSettings())["groups"]
    assert (group["interval"], group["name"], group["folder"]) == ("1m", "hanlogger", "hanlogger alerts")


def test_one_message_of_a_rule_comes_soon_for_all_its_meters_and_is_repeated_twice_a_day() -> None:
    (rule, *_) = make_rule_file(RuleSettings(notify="a@b.example"))["groups"][0]["rules"]
    assert rule["notification_settings"] == {
        "receiver": "hanlogger",
        "group_by": ["grafana_folder", "alertname"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "12h",
    }


@pytest.mark.parametrize(
    "uid", ["han-power-high", "han-phase-current", "han-hour-energy", "han-day-energy", "han-month-energy"]
)
def test_a_rule_with_a_limit_asks_of_the_meters_that_have_it_and_of_no_other(uid: str) -> None:
    all_limits = Limits(fuse=20, power=9000, hour=5, day=60, month=1500)
    own = {
        "barn": Limits(fuse=35, power=1000, hour=1, day=2, month=3),
        "cabin": Limits(fuse=10, power=500, hour=3, day=4, month=5),
    }
    settings = RuleSettings(limits=all_limits, meters=own)
    found = {rule["uid"]: rule for rule in make_rule_file(settings)["groups"][0]["rules"]}
    conditions = {
        uid: """"meter" !~ /^(barn|cabin)$/ AND $timeFilter""",
        f"{uid}-barn": """"meter" = 'barn' AND $timeFilter""",
        f"{uid}-cabin": """"meter" = 'cabin' AND $timeFilter""",
    }
    meant = MEANINGS[uid].query
    limits = []
    for name, condition in conditions.items():
        assert found[name]["data"][0]["model"]["query"] == meant.replace("$timeFilter", condition, 1)
        (limit,) = found[name]["data"][-1]["model"]["conditions"][0]["evaluator"]["params"]
        limits.append(limit)
    wanted = {
        "han-power-high": [9000, 1000, 500],
        "han-phase-current": [18, 31.5, 9],
        "han-hour-energy": [5, 1, 3],
        "han-day-energy": [60, 2, 4],
        "han-month-energy": [1500, 3, 5],
    }
    assert limits == wanted[uid]


@pytest.mark.parametrize("uid", ["han-hour-energy", "han-day-energy"])
def test_a_meter_alone_may_have_a_limit_that_the_others_have_not(uid: str) -> None:
    settings = RuleSettings(meters={"barn": Limits(hour=1, day=2)})
    found = {rule["uid"] for rule in make_rule_file(settings)["groups"][0]["rules"]}
    assert f"{uid}-barn" in found
    assert uid not in found


@pytest.mark.parametrize("net", ["3x400", "3x230", "1x230"])
def test_watts_per_ampere_are_those_of_the_net(net: Any) -> None:
    volts = {"3x400": 3**0.5 * 400, "3x230": 3**0.5 * 230, "1x230": 230}[net]
    assert BoardSettings(net=net).watts_per_ampere == pytest.approx(volts, rel=1e-4)
    assert Limits(net=net, fuse=100).watts == pytest.approx(90 * volts, rel=1e-3)
    assert Limits(net=net, fuse=100, power=7).watts == 7


def test_the_summary_of_each_rule_names_whom_it_is_about_and_how_much_it_is() -> None:
    subjects = {
        "han-meter-silent": "$labels.meter",
        "han-refused": "$labels.logger",
        "han-backlog": "$labels.logger",
        "han-counter-back": "$labels.obis",
        "han-phase-current": "$labels.phase",
        "han-voltage": "$labels.phase",
        "han-phase-lost": "$labels.phase",
        "han-building-power": "kW",
    }
    languages: tuple[Literal["en", "sv"], ...] = ("en", "sv")
    for lang in languages:
        settings = RuleSettings(limits=Limits(fuse=20, hour=5, day=60), building=160, lang=lang)
        for rule in make_rule_file(settings)["groups"][0]["rules"]:
            summary = rule["annotations"]["summary"]
            assert subjects.get(rule["uid"], "$labels.meter") in summary
            assert "$values.B.Value" in summary
            assert ("$values.C.Value" in summary) == (rule["uid"] == "han-base-load")
