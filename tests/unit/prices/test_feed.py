"""Prices are asked for when they are due, kept, and what is wrong is told: against a server that does as it is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tenacity import wait_none

from hanlogger.hostclock import HostClock
from hanlogger.journal import Journal
from hanlogger.journal.model import IMPORT
from hanlogger.prices import feed as feed_module
from hanlogger.prices.feed import PriceFeed
from hanlogger.prices.source import PriceSource
from hanlogger.prices.watched_file import WatchedFile
from hanlogger.tariffs.spot import list_quarters
from tests.support.energy import HOME, level
from tests.support.pricing import DAY, SE3, ZONE, asked_day, day_rows, server_of, to_body
from tests.support.scripted_server import BABBLE, CLOSE, RESET, Misbehave, Reply, ScriptedServer, scripted_server

NEXT = DAY + timedelta(days=1)
SET = HostClock(lambda: True)


def local(text: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=ZONE).astimezone(UTC)


MORNING = local("10:00")


@dataclass
class Fed:
    """A feed, its journal, the server that it asks, and the time that it believes."""

    journal: Journal
    server: ScriptedServer
    source: PriceSource
    at: datetime = MORNING
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.feed = PriceFeed(self.journal, self.source, self.stop, clock=SET, now=lambda: self.at, pace=wait_none())

    def look(self, at: datetime | None = None) -> list[date]:
        """Look once; return the days that the server was asked for."""
        self.at = at or self.at
        before = len(self.server.requests)
        self.feed.look()
        return [asked_day(request) for request in self.server.requests[before:]]

    def known(self, day: date = DAY) -> list[Decimal]:
        start, end = self.source.find_day(day)
        return [price.value for price in self.journal.prices.read("SE3", start, end).values()]

    def finals(self, day: date = DAY) -> set[bool]:
        return {price.final for price in self.journal.prices.read("SE3", *self.source.find_day(day)).values()}

    @property
    def words(self) -> str:
        return self.feed.report().words


@pytest.fixture
def fed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fed]:
    monkeypatch.setattr(feed_module, "BETWEEN_SECONDS", 0.0)
    with scripted_server() as server, Journal.open(tmp_path / "journal.sqlite3") as journal:
        server.answer = server_of([DAY])
        yield Fed(journal, server, replace(SE3, url=SE3.url.replace("http://127.0.0.1:1", server.url)))


def test_today_is_asked_for_at_once_and_then_not_again(fed: Fed) -> None:
    assert fed.look() == [DAY]
    assert (len(fed.known()), fed.finals(), fed.words) == (96, {True}, "")
    assert fed.feed.report().end == local("00:00", NEXT)
    assert fed.look(local("12:59")) == []


def test_tomorrow_is_asked_for_from_13_on_and_until_it_is_published(fed: Fed) -> None:
    fed.look()
    assert fed.look(local("13:15")) == [NEXT]
    assert fed.words == ""  # nobody waits for it yet
    assert fed.look(local("13:16")) == []
    fed.server.answer = server_of([DAY, NEXT])
    assert fed.look(local("13:31")) == [NEXT]
    assert len(fed.known(NEXT)) == 96
    assert fed.look(local("18:00")) == []


def test_at_13_not_all_loggers_ask_at_once(fed: Fed) -> None:
    fed.look()
    fed.feed._jitter = timedelta(minutes=7)
    assert fed.look(local("13:06")) == []
    assert fed.look(local("13:07")) == [NEXT]
    assert all(timedelta() <= PriceFeed(fed.journal, SE3, fed.stop)._jitter <= timedelta(minutes=15) for _ in range(99))


def test_what_is_late_is_told_once_and_forgotten_when_it_comes(fed: Fed, caplog: pytest.LogCaptureFixture) -> None:
    fed.look()
    fed.look(local("15:45"))
    assert (fed.words, caplog.text) == ("", "")
    fed.look(local("16:01"))
    fed.look(local("16:17"))
    assert f"prices of SE3 on {NEXT} from 127.0.0.1" in fed.words
    assert caplog.text.count("not published") == 1
    fed.server.answer = server_of([DAY, NEXT])
    fed.look(local("16:40"))
    assert fed.words == ""


def test_what_was_said_before_a_day_began_is_asked_for_again_and_the_final_price_counts(fed: Fed) -> None:
    fed.server.answer = server_of([DAY, NEXT])
    fed.look(local("14:00"))
    assert fed.finals(NEXT) == {False}
    fed.server.answer = server_of([DAY, NEXT], first="0.9")
    assert fed.look(local("00:15", NEXT)) == [NEXT]
    assert (fed.known(NEXT)[0], fed.finals(NEXT)) == (Decimal("0.9"), {True})
    assert fed.look(local("01:15", NEXT)) == []


def test_a_preliminary_price_stays_while_the_final_one_cannot_be_had(fed: Fed) -> None:
    fed.server.answer = server_of([DAY, NEXT])
    fed.look(local("14:00"))
    fed.server.say(Reply(503))
    fed.look(local("00:15", NEXT))
    assert fed.known(NEXT)[0] == Decimal("0.5")
    assert fed.words.endswith("it answers 503")


@pytest.mark.parametrize(
    "failure", [Reply(503), Reply(429), RESET, CLOSE, BABBLE], ids=["503", "429", "reset", "close", "no HTTP"]
)
def test_a_server_that_fails_is_asked_again_at_once(fed: Fed, failure: Reply | Misbehave) -> None:
    fed.server.say(failure, failure, Reply(200, to_body(day_rows())))
    fed.look()
    assert (len(fed.server.requests), len(fed.known()), fed.words) == (3, 96, "")


def test_a_server_that_is_down_is_told_and_asked_a_quarter_of_an_hour_later(fed: Fed) -> None:
    fed.server.say(Reply(500))
    assert fed.look() == [DAY] * 4
    assert fed.words.endswith("it answers 500")
    assert fed.look(local("10:14")) == []
    fed.server.answer = server_of([DAY])
    assert fed.look(local("10:15")) == [DAY]
    assert fed.words == ""


def test_nobody_at_the_address_is_told(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal, scripted_server() as server:
        gone = Fed(journal, server, SE3)
        gone.look()
        assert "connection refused" in gone.words
        assert gone.known() == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"<html>maintenance</html>"), "the answer is a web page, and no JSON"),
        (Reply(200, to_body(day_rows(DAY - timedelta(days=1)))), "the answer has prices of 2026-11-28"),
        (Reply(200, to_body([*day_rows(), *day_rows()[:4]])), "occurs twice"),
        (Reply(200, to_body(day_rows(currency="EUR"))), "and not SEK_per_kWh"),
        (Reply(301, b"", {"Location": "/"}), "it answers 301"),
        (Reply(403), "it answers 403"),
        (Reply(404), "not published"),
    ],
)
def test_a_wrong_answer_is_told_and_gives_no_price(fed: Fed, reply: Reply, words: str) -> None:
    fed.server.say(reply)
    assert fed.look() == [DAY]
    assert fed.known() == []
    assert words in fed.words
    fed.server.answer = server_of([DAY])
    assert fed.look(local("10:20")) == [DAY]
    assert (len(fed.known()), fed.words) == (96, "")


def test_missing_hours_are_told_and_asked_for_again_and_the_others_kept(fed: Fed) -> None:
    fed.server.say(Reply(200, to_body(day_rows()[:88])))
    fed.look()
    assert len(fed.known()) == 88
    assert fed.words.endswith("2 of its 24 hours are missing")
    fed.server.answer = server_of([DAY])
    assert fed.look(local("10:20")) == [DAY]
    assert (len(fed.known()), fed.words) == (96, "")


def use_energy(journal: Journal, day: date) -> None:
    """Keep intervals of a quarter of an hour of a day."""
    shift = int(local("08:00", day).timestamp() * 1000) - level("8:00", 0).at
    levels = [level("8:00", 0), level("8:15", 9)]
    journal.intervals.merge([(HOME, {IMPORT: [each._replace(at=each.at + shift) for each in levels]})])


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def test_days_of_the_past_with_energy_and_without_prices_follow(fed: Fed) -> None:
    for days in (1, 3):
        use_energy(fed.journal, back(days))
    fed.server.answer = server_of(lambda _: True)
    assert fed.look() == [DAY, back(1), back(3)]
    assert fed.look(local("12:00")) == []
    again = Fed(fed.journal, fed.server, fed.source)
    assert again.look() == [DAY]  # today once at each start, whatever is known of it; the past is settled


def test_of_many_days_of_the_past_some_are_asked_for_at_each_look(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "BACKLOG_DAYS", 1)
    for days in (1, 3):
        use_energy(fed.journal, back(days))
    fed.server.answer = server_of(lambda _: True)
    assert fed.look() == [DAY, back(1)]
    assert fed.look() == [back(3)]


def test_a_day_of_the_past_that_is_only_preliminary_is_asked_for_again(fed: Fed) -> None:
    use_energy(fed.journal, back(1))
    start, end = fed.source.find_day(back(1))
    fed.journal.prices.merge("SE3", "SEK", dict.fromkeys(list_quarters(start, end), Decimal(9)), final=False)
    fed.server.answer = server_of(lambda _: True)
    assert fed.look() == [DAY, back(1)]
    assert (fed.known(back(1))[0], fed.finals(back(1))) == (Decimal("0.5"), {True})


def test_while_the_server_fails_no_further_day_is_asked_for(fed: Fed) -> None:
    use_energy(fed.journal, back(1))
    fed.server.say(Reply(503))
    assert fed.look() == [DAY] * 4


def test_a_day_of_the_past_that_nobody_has_is_no_trouble(fed: Fed) -> None:
    use_energy(fed.journal, back(9))
    assert fed.look() == [DAY, back(9)]
    assert fed.words == ""
    assert fed.look(local("12:00")) == []


def test_what_stands_behind_a_question_mark_is_asked_too(fed: Fed) -> None:
    source = replace(fed.source, url=f"{fed.server.url}/{{year}}/{{month}}-{{day}}?area={{area}}&key=a")
    Fed(fed.journal, fed.server, source).look()
    assert fed.server.requests[0].query == {"area": ["SE3"], "key": ["a"]}


def test_a_file_is_read_until_its_prices_are_kept_and_then_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.5\n")
    watched = WatchedFile(file, SE3)
    assert watched.read_changed()
    assert watched.read_changed()  # the journal did not take them
    watched.take()
    assert watched.read_changed() is None
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.25\n")
    assert watched.read_changed()


def test_a_fixed_price_is_that_of_every_quarter_of_today_and_tomorrow(fed: Fed) -> None:
    fixed = Fed(fed.journal, fed.server, PriceSource("SE3", fixed=Decimal("0.85")))
    assert fixed.look() == []
    assert set(fixed.known()) == set(fixed.known(NEXT)) == {Decimal("0.85")}
    assert fixed.feed.report().source == "a fixed price"


def test_a_file_is_read_again_when_it_changes_and_a_wrong_one_changes_nothing(fed: Fed, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    filed = Fed(fed.journal, fed.server, PriceSource("SE3", file=file))
    filed.look()
    assert "it cannot be read: No such file or directory" in filed.words
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.5\n")
    filed.look()
    assert (filed.known(), filed.words) == ([Decimal("0.5")] * 4, "")
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.75\n{DAY}T01:00,1\n")
    filed.look()
    assert filed.known() == [Decimal("0.5")] * 4
    assert f"prices of SE3 from {file}: line 3: the time" in filed.words
    file.write_bytes(b"time,price\n\xff")
    filed.look()
    assert filed.words.endswith("it is not UTF-8 text")
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.75\n")
    filed.look()
    assert (filed.known(), filed.words) == ([Decimal("0.75")] * 4, "")


def test_a_file_that_is_as_it_was_is_not_read_again(fed: Fed, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    filed = Fed(fed.journal, fed.server, PriceSource("SE3", file=file))
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.5\n")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    filed.look()
    file.write_text(f"time,price\n{DAY}T00:00+01:00,0.7\n")
    os.utime(file, ns=times)
    filed.look()
    assert filed.known() == [Decimal("0.5")] * 4


def test_nothing_is_asked_before_the_hosts_clock_is_set(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = HostClock(lambda: False)
    monkeypatch.setattr(HostClock, "overdue", False)
    PriceFeed(fed.journal, fed.source, fed.stop, clock=unset, now=lambda: fed.at).look()
    assert fed.server.requests == []
