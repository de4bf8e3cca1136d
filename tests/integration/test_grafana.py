"""Boards and rules in a real Grafana: all of it loads, every panel answers, every rule speaks and falls silent."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanlogger.boards.panels import Json
from hanlogger.boards.provisioning import RULES, make_board_files, provision
from hanlogger.boards.settings import BoardSettings, DataSource, Limits, RuleSettings
from tests.support.alarm_data import FIRING, Story, faulty, healthy, settings, silent_since
from tests.support.asking import store
from tests.support.grafana_server import TICK, Grafana, call, grafana
from tests.support.servers import Bucket, Influxdb
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("grafana")

OURS = re.compile(r"logger=(provisioning|ngalert|tsdb|expr|datasource|dashboard|query|context)\S* .*level=error")

States = dict[str, dict[str, str]]  # rule -> labels -> state


class Webhook:
    """Receives what Grafana sends."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self.paths: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.messages.append(json.loads(body))
                outer.paths.add(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?a=$1"

    def of(self, status: str) -> set[str]:
        """The rules of which a message of this status has come."""
        alerts = [alert for message in self.messages for alert in message["alerts"]]
        return {alert["labels"]["alertname"] for alert in alerts if alert["status"] == status}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


def _write(folder: Path, bucket: Bucket, rules: RuleSettings) -> None:
    source = DataSource(url=bucket.server.url, bucket=bucket.name, password=bucket.token("read"))
    provision(folder, BoardSettings(), rules, source)
    (folder / "plugins").mkdir(exist_ok=True)  # an error in Grafana's log where it is missing


def _hasten(folder: Path) -> None:
    """The same rules and queries, asked as often as Grafana can and speaking at the second time."""
    tree = yaml.safe_load((folder / RULES).read_text("utf-8"))
    (group,) = tree["groups"]
    group["interval"] = f"{TICK}s"
    for rule in group["rules"]:
        rule["for"] = f"{TICK}s"
        rule.pop("keepFiringFor", None)
        rule["notification_settings"].update(group_wait="1s", group_interval="2s")
    (folder / RULES).write_text(yaml.safe_dump(tree), "utf-8")


def _complaints(server: Grafana) -> list[str]:
    """Errors about what we gave it; at its start its own parts sometimes find SQLite locked and try again."""
    return [line for line in server.log().splitlines() if OURS.search(line)]


# --- boards


def panels_of(board: Json) -> list[Json]:
    """Its panels, those of folded rows too."""
    return [one for panel in board["panels"] for one in panel.get("panels", [panel])]


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory, influxdb: Influxdb) -> Iterator[Grafana]:
    """A Grafana with the boards over a house without faults."""
    folder = tmp_path_factory.mktemp("provisioning")
    bucket = influxdb.new_bucket()
    _write(folder, bucket, RuleSettings())
    now = int(time.time())
    story = healthy(now)
    _and_the_rest(story)
    store(bucket, story.data())
    bucket.write(b'meter_text,meter=home,obis=0-0:96.1.1 text="7359992890941742"')
    with grafana(folder, tmp_path_factory.mktemp("grafana")) as server:
        server.start()
        until(lambda: len(call(server, "GET", "/api/search?tag=hanlogger")) == 6, "the boards are there")
        yield server


def _and_the_rest(story: Story) -> None:
    """What boards show and no rule asks for."""
    lately = story.minutes(story.now - 25 * 3600)
    total = {"meter": "home", "phase": "total"}
    story.put(lately, 0.0, "active_power", direction="export", **total)
    story.put(lately, 600.0, "active_power", direction="net", **total)
    for direction in ("import", "export"):
        story.put(lately, 50.0, "reactive_power", direction=direction, **total)
    for phase in ("L1", "L2", "L3"):
        for direction in ("import", "export"):
            story.put(lately, 200.0, "active_power", meter="home", phase=phase, direction=direction)
    story.put([t for t in lately if t % 7200], 18.0, "current", meter="home", phase="L1")
    gap = [t for t in lately if story.now - 9000 < t < story.now - 7200]
    for key, values in story.points.items():
        if key[0] == "active_power" and "meter=home" in key:
            for at in gap:
                values.pop(at, None)
    own = ("undecoded", "silence")
    for name in own:
        story.put(lately, 3.0, "hanlogger", name=name, logger="attic", meter="home")
    for name in ("undelivered", "retries", "journal_bytes", "rss"):
        story.put(lately, 5.0, "hanlogger", name=name, logger="attic")


def test_grafana_takes_all_files_without_an_error(boards: Grafana) -> None:
    assert _complaints(boards) == []
    health = call(boards, "GET", "/api/datasources/uid/hanlogger-influxql/health")
    assert health["status"] == "OK", health
    found = call(boards, "GET", "/api/search?tag=hanlogger")
    assert {board["uid"] for board in found} == {
        f"han-{name}" for name in ("live", "voltage", "current", "energy", "health")
    }


def test_grafana_gives_the_boards_back_as_they_are_in_the_files(boards: Grafana) -> None:
    for text in make_board_files(BoardSettings()).values():
        board = json.loads(text)
        there = call(boards, "GET", f"/api/dashboards/uid/{board['uid']}")["dashboard"]
        for key in ("title", "panels", "templating", "links", "timezone", "time", "refresh", "tags"):
            assert there[key] == board[key], (board["uid"], key)


@pytest.mark.parametrize("uid", ["han-live", "han-voltage", "han-current", "han-energy", "han-health"])
def test_every_panel_answers_through_grafana(boards: Grafana, uid: str) -> None:
    board = call(boards, "GET", f"/api/dashboards/uid/{uid}")["dashboard"]
    for panel in panels_of(board):
        since = 25 * 3600
        answer = _ask(boards, panel, since)
        for letter, result in answer.items():
            assert not result.get("error"), (panel["title"], letter, result)
            values = [frame["data"]["values"] for frame in result["frames"]]
            assert any(any(v is not None for v in column) for columns in values for column in columns), (
                panel["title"],
                letter,
            )


def _ask(server: Grafana, panel: Json, since: int) -> dict[str, Json]:
    """As the browser does: the variables replaced, the rest left to Grafana."""
    queries = []
    for target in panel["targets"]:
        query = target.get("query", "")
        for name, value in (("$meter", "home"), ("$fuse", "20"), ("$period", "10")):
            query = query.replace(name, value)
        asked = {**target, "intervalMs": 60_000, "maxDataPoints": 1500, "datasource": target["datasource"]}
        queries.append({**asked, "query": query} if "query" in target else asked)
    now = int(time.time() * 1000)
    body = {"queries": queries, "from": str(now - since * 1000), "to": str(now)}
    results: dict[str, Json] = call(server, "POST", "/api/ds/query", body)["results"]
    return results


def test_the_share_inside_is_the_quotient_of_both_counts(boards: Grafana) -> None:
    board = call(boards, "GET", "/api/dashboards/uid/han-voltage")["dashboard"]
    (panel,) = [p for p in panels_of(board) if len(p["targets"]) == 3]
    frames = _ask(boards, panel, 25 * 3600)["C"]["frames"]
    shares = {frame["schema"]["fields"][-1]["labels"]["phase"]: frame["data"]["values"][-1] for frame in frames}
    assert shares == {"L1": [1], "L2": [1], "L3": [1]}


# --- rules


class Watch:
    """Follows the states of all rules and remembers the way each has gone."""

    def __init__(self, server: Grafana) -> None:
        self.server = server
        self.ways: dict[tuple[str, str], list[str]] = {}
        self._pace = threading.Event()  # never set: five looks a second are enough

    def look(self) -> States:
        """The states now; Grafana may be on its way down or up."""
        self._pace.wait(0.2)
        answer = call(self.server, "GET", "/api/prometheus/grafana/api/v1/rules")
        states: States = {}
        for group in answer["data"]["groups"]:
            for rule in group["rules"]:
                assert rule["health"] == "ok", rule
                states[rule["uid"]] = {_labels(alert): _state(alert) for alert in rule.get("alerts", ())}
        for uid, alerts in states.items():
            for labels, state in alerts.items():
                way = self.ways.setdefault((uid, labels), [])
                if not way or way[-1] != state:
                    way.append(state)
        return states

    def speaking(self) -> dict[str, set[str]]:
        found = {uid: {a for a, state in alerts.items() if state == "Alerting"} for uid, alerts in self.look().items()}
        return {uid: alerts for uid, alerts in found.items() if alerts}

    def until_speaking(self, wanted: dict[str, set[str]], timeout: float, what: str) -> None:
        last: dict[str, set[str]] = {}

        def reached() -> bool:
            nonlocal last
            last = self.speaking()
            return last == wanted

        try:
            until(reached, what, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; {last}; {self.look()}") from error

    def stays(self, wanted: dict[str, set[str]], evaluations: int) -> None:
        """For so many evaluations of every rule nothing else speaks."""
        begun = self._evaluated()
        until(lambda: self._same(wanted) and self._evaluated_since(begun, evaluations), "evaluations go on")

    def _same(self, wanted: dict[str, set[str]]) -> bool:
        now = self.speaking()
        assert now == wanted, self.look()
        return True

    def _evaluated(self) -> dict[str, str]:
        answer = call(self.server, "GET", "/api/prometheus/grafana/api/v1/rules")
        return {rule["uid"]: rule["lastEvaluation"] for group in answer["data"]["groups"] for rule in group["rules"]}

    def _evaluated_since(self, begun: dict[str, str], times: int) -> bool:
        return all(_seconds(at) - _seconds(begun[uid]) >= times * TICK for uid, at in self._evaluated().items())


def _rules(folder: Path) -> list[Json]:
    (group,) = yaml.safe_load((folder / RULES).read_text("utf-8"))["groups"]
    found: list[Json] = group["rules"]
    return found


def _titles(folder: Path) -> set[str]:
    return {rule["title"] for rule in _rules(folder)}


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _labels(alert: Json) -> str:
    labels = alert["labels"]
    return " ".join(labels[name] for name in ("meter", "phase", "direction", "logger", "obis") if name in labels)


def _state(alert: Json) -> str:
    return str(alert["state"]).partition(" ")[0]


def _silence(bucket: Bucket, predicate: str, least: int = 0) -> None:
    start, stop = silent_since(int(time.time()), least)
    where = {"start": start, "stop": stop, "predicate": predicate}
    bucket.server.call("POST", f"/api/v2/delete?org=home&bucket={bucket.name}", json_body=where, expect=204)


def test_every_rule_speaks_of_its_fault_and_falls_silent_after_it(
    tmp_path: Path, bucket: Bucket, webhook: Webhook
) -> None:
    """One story, for Grafana is slow: an empty database, calm, all faults, a restart, a gap, calm again."""
    folder = tmp_path / "provisioning"
    _write(folder, bucket, settings(webhook.url))
    _hasten(folder)
    with grafana(folder, tmp_path / "grafana") as server:
        server.start()
        watch = Watch(server)
        watch.until_speaking({"han-meter-silent": {""}}, 60, "an empty database is a silent meter and nothing else")
        until(lambda: webhook.of("firing"), "the message of it")
        assert _summaries(webhook) == {"hanlogger: no telegram for 5 to 15 minutes"}

        store(bucket, healthy(int(time.time())).data())
        watch.until_speaking({}, 60, "telegrams come")
        watch.stays({}, 1)
        until(lambda: webhook.of("resolved"), "the message that they come")
        webhook.messages.clear()
        watch.ways.clear()
        watch.look()

        store(bucket, faulty(int(time.time())).data())
        _silence(bucket, '_measurement="active_power" AND meter="quiet"')
        watch.until_speaking(FIRING, 90, "each rule speaks of its fault")
        ways = {(uid, label): watch.ways[uid, label] for uid, labels in FIRING.items() for label in labels}
        assert {tuple(way) for way in ways.values()} == {("Normal", "Pending", "Alerting")}, ways
        until(lambda: webhook.of("firing") == _titles(folder), "a message of every rule")
        assert not [text for text in _summaries(webhook) if "no value" in text or "%!" in text]

        server.stop()
        server.start()
        watch.stays(FIRING, 1)

        store(bucket, faulty(int(time.time()) - 15 * 60).data())  # a quarter of an hour ago, and then nothing came
        _silence(bucket, 'meter="home"', least=6 * 60)
        _silence(bucket, 'logger="attic"', least=6 * 60)
        watch.until_speaking({**FIRING, "han-meter-silent": {"quiet", "home"}}, 60, "the gap is seen by one rule")
        watch.stays({**FIRING, "han-meter-silent": {"quiet", "home"}}, 1)
        assert not webhook.of("resolved")

        store(bucket, healthy(int(time.time())).data())
        watch.until_speaking({}, 60, "all is well again")
        watch.stays({}, 1)
        until(lambda: webhook.of("resolved") == _titles(folder), "a message that it is over, of every rule")
        assert webhook.paths == {"/hook?a=$1"}
        assert _complaints(server) == []


def test_what_is_no_longer_wanted_leaves_grafana_too(tmp_path: Path, bucket: Bucket) -> None:
    folder = tmp_path / "provisioning"
    limits = Limits(hour=5, day=60)
    steps = [
        (RuleSettings(limits=limits, notify="https://ntfy.example/house"), {"webhook"}),
        (RuleSettings(limits=Limits(hour=5), notify="a@b.example"), {"email"}),
        (RuleSettings(meters={"barn": Limits(fuse=35)}), set()),
        (RuleSettings(meters={"barn": Limits(fuse=35)}), set()),
        (RuleSettings(limits=limits, notify="https://ntfy.example/house"), {"webhook"}),
    ]
    _write(folder, bucket, RuleSettings())
    with grafana(folder, tmp_path / "grafana") as server:
        server.start()
        until(lambda: _uids(server), "the first rules are there")
        for rules, receivers in steps:
            _write(folder, bucket, rules)
            call(server, "POST", "/api/admin/provisioning/alerting/reload")
            assert _uids(server) == {rule["uid"] for rule in _rules(folder)}
            assert _receivers(server) == receivers
        assert _complaints(server) == []


def _uids(server: Grafana) -> set[str]:
    return {rule["uid"] for rule in call(server, "GET", "/api/v1/provisioning/alert-rules")}


def _receivers(server: Grafana) -> set[str]:
    points = call(server, "GET", "/api/v1/provisioning/contact-points")
    return {point["type"] for point in points if point["name"] == "hanlogger"}


def _summaries(webhook: Webhook) -> set[str]:
    return {alert["annotations"]["summary"] for message in webhook.messages for alert in message["alerts"]}
