"""Each page says something true: of an empty journal, of many meters, of what cannot be read, in both languages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3

from hanlogger.model import Frame
from hanlogger.status.state import MeterState
from hanlogger.web.events import MOST_LISTENERS
from tests.support.waiting import until
from tests.support.web import Asked, frames_of, meter_state, record, serving, settings_of, state_of

pytestmark = pytest.mark.xdist_group("pages")  # one journal of a day is made for all
PAGES = ("/", "/energy", "/health")


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def frames(now: datetime) -> list[Frame]:
    return frames_of("p1-aidon", [now - timedelta(minutes=number) for number in range(26 * 60, -1, -1)])


@pytest.fixture(scope="module")
def home(frames: list[Frame]) -> MeterState:
    return meter_state("home", frames[-1:], counts={"frames": len(frames)})


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, frames: list[Frame], home: MeterState) -> Iterator[Asked]:
    journal = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    record(journal, "home", frames)
    with serving(settings_of(journal, "home"), state_of(home)) as served:
        yield served


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_told_in_the_language_of_the_browser_and_in_that_of_the_address(asked: Asked, path: str) -> None:
    assert '<html lang="sv">' in asked.get(path, accept_language="sv-SE,sv;q=0.9").text
    assert '<html lang="en">' in asked.get(f"{path}?lang=en", accept_language="sv").text


def test_the_page_of_now_has_power_phases_and_a_curve(asked: Asked) -> None:
    html = asked.get("/").text
    assert re.search(r"<strong>[\d\u00a0]+\u00a0W</strong>", html)
    assert all(f'<th scope="row">L{number}</th>' in html for number in (1, 2, 3))
    assert 'role="img"' in html
    assert html.count("<caption>") == html.count("<table")


def test_the_page_of_energy_has_three_charts_with_tables(asked: Asked) -> None:
    html = asked.get("/energy").text
    assert html.count('role="img"') == html.count("<table>") == 3


def test_the_page_of_health_tells_each_link_in_the_words_of_doctor(asked: Asked) -> None:
    html = asked.get("/health").text
    assert "telegrams can be decoded" in html
    assert len(re.findall(r'<li class="(?:well|note|skipped|warning|wrong)">', html)) == 10


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/?meter=barn", 404),
        ("/energy?day=2999-01-01", 404),
        ("/energy?day=x", 404),
        ("/static/x", 404),
    ],
)
def test_what_there_is_not_is_said_to_be_so(asked: Asked, path: str, status: int) -> None:
    assert asked.get(path).status == status


def test_what_an_address_says_cannot_become_a_part_of_a_page(asked: Asked) -> None:
    for path in ("/?meter=<script>x</script>", "/energy?day=<script>", "/?lang=<script>", '/?hours="><script>'):
        assert "<script>" not in asked.get(path.replace("<", "%3C").replace('"', "%22")).text


def test_energies_can_be_taken_away_as_csv_and_add_up(asked: Asked) -> None:
    hours, days = (
        list(csv.DictReader(io.StringIO(asked.get(f"/download/{size}.csv").text))) for size in ("hours", "days")
    )
    assert len(hours) >= 24
    today = days[-1]["start"][:10]
    of_today = [float(row["import_kwh"]) for row in hours if row["start"].startswith(today)]
    assert sum(of_today) == pytest.approx(float(days[-1]["import_kwh"]), abs=0.02)
    assert asked.get("/download/weeks.csv").status == 404


def test_a_capture_can_be_taken_away_without_the_number_of_the_meter(tmp_path: Path, now: datetime) -> None:
    telegrams = [frame._replace(format="p1") for frame in frames_of("dsmr5", [now])]
    number = re.search(rb"0-0:96\.1\.1\((\w+)\)", telegrams[0].data)
    assert number is not None
    journal = tmp_path / "journal.sqlite3"
    record(journal, "flat-7", telegrams)
    with serving(settings_of(journal, "flat-7"), state_of(meter_state("flat-7", telegrams))) as asked:
        answer = asked.get("/capture.txt")
    assert answer.status == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert number[1].decode() not in answer.text
    assert "flat-7" not in answer.text + answer.headers["content-disposition"]


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_journal_and_no_state_yet_make_a_page(tmp_path: Path, path: str) -> None:
    with serving(settings_of(tmp_path / "journal.sqlite3", "home")) as asked:
        assert asked.get(path).status == 200
        assert asked.get("/capture.txt").status == 409


def test_telegrams_that_cannot_be_read_are_said_to_be_so(tmp_path: Path, now: datetime) -> None:
    frames = [Frame("dlms", b"\x0f\x00\x00", now)]
    record(tmp_path / "journal.sqlite3", "home", frames)
    with serving(settings_of(tmp_path / "journal.sqlite3", "home"), state_of(meter_state("home", frames))) as asked:
        assert "cannot be read" in asked.get("/").text
        assert 'class="wrong"' in asked.get("/health").text
        assert "holds nothing of this time" in asked.get("/energy").text


def test_two_hundred_meters_are_a_list_and_each_has_its_pages(tmp_path: Path, frames: list[Frame]) -> None:
    names = [f"flat-{number}" for number in range(200)]
    meters = [meter_state(names[0], frames[-1:]), *(meter_state(name) for name in names[1:])]
    with serving(settings_of(tmp_path / "journal.sqlite3", *names), state_of(*meters)) as asked:
        for path in PAGES:
            assert asked.get(path).text.count('<th scope="row">') == 200
        assert "flat-199" in asked.get("/?meter=flat-199").text


def test_a_meter_that_is_read_no_more_keeps_its_energies(tmp_path: Path, frames: list[Frame]) -> None:
    record(tmp_path / "journal.sqlite3", "old", frames[-100:])
    with serving(settings_of(tmp_path / "journal.sqlite3", "home"), state_of(meter_state("home"))) as asked:
        assert 'role="img"' in asked.get("/energy?meter=old").text
        assert asked.get("/health?meter=old").status == 200


def test_events_bring_each_new_state(asked: Asked, home: MeterState, frames: list[Frame]) -> None:
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", asked.pages.address + "events?lang=sv", preload_content=False, timeout=60.0)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert until_event(answer) == "now"
        asked.pages.publish(state_of(meter_state("home", frames[-1:], words="ny")))
        while b"ny" not in answer.readline():
            pass
        answer.close()


def test_only_so_many_browsers_are_sent_events_and_one_that_leaves_makes_room(asked: Asked) -> None:
    with urllib3.PoolManager(retries=False, maxsize=MOST_LISTENERS) as pool:

        def listen() -> urllib3.BaseHTTPResponse:
            return pool.request("GET", asked.pages.address + "events", preload_content=False, timeout=60.0)

        listening: list[urllib3.BaseHTTPResponse] = []
        while len(listening) < MOST_LISTENERS:
            one = until(lambda: _if_listening(listen()), "there is room")
            assert one is not None
            assert one.read(5)  # it has begun, and counts
            listening.append(one)
        assert listen().status == 503
        for one in listening:
            one.close()
        again = until(lambda: _if_listening(listen()), "there is room again")
        assert again is not None
        again.close()


def _if_listening(answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse | None:
    if answer.status == 200:
        return answer
    answer.close()
    return None


def until_event(stream: urllib3.BaseHTTPResponse) -> str:
    while not (line := stream.readline()).startswith(b"event: "):
        assert line
    return line.decode().removeprefix("event: ").strip()


def test_a_journal_that_another_takes_the_place_of_is_read_anew(
    tmp_path: Path, frames: list[Frame], home: MeterState
) -> None:
    journal, other = tmp_path / "journal.sqlite3", tmp_path / "other.sqlite3"
    record(journal, "home", frames[:2])
    record(other, "home", frames)
    with serving(settings_of(journal, "home"), state_of(home)) as asked:
        assert "holds nothing" in asked.get("/energy").text
        for end in ("-wal", "-shm"):
            journal.with_name(journal.name + end).unlink(missing_ok=True)
        other.replace(journal)
        assert 'role="img"' in asked.get("/energy").text


def test_a_fault_of_a_page_ends_no_other(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlogger.web.app.view_energy", lambda *_: 1 / 0)
    assert (asked.get("/energy").status, asked.get("/").status) == (500, 200)


def test_json_has_no_meter_of_another_name(asked: Asked) -> None:
    assert [one["name"] for one in json.loads(asked.get("/api/now.json").text)["meters"]] == ["home"]
