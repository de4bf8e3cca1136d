"""A VictoriaMetrics as a destination: what its 204 does not say is found out, listed and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.archive.erase import EVER, erase
from hanlogger.errors import TooLarge, WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, make_writer
from hanlogger.influxdb.victoriametrics import leave_texts_out
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.delivering import HOME, delivering, record
from tests.support.journals import START
from tests.support.octets import telegram
from tests.support.scripted_server import Misbehave, Reply, Request, ScriptedServer
from tests.support.servers import free_port
from tests.support.victoriametrics import Victoria, victoriametrics
from tests.support.waiting import PATIENCE, until

NAME = "victoria"
OLD = b"voltage,meter=old value=1 1000\n"
NOW = b"voltage,meter=new value=%d 1767225600000\n"
METRICS = """vm_app_version{version="x"} 1
vm_rows_added_to_storage_total 1
vm_rows_inserted_total{type="influx"} 1
vm_app_start_timestamp %d
vm_app_uptime_seconds %d
vm_rows_ignored_total{reason="big_timestamp"} %d
"""


@pytest.fixture(scope="module")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """One that the tests of this file share: each uses a meter of its own."""
    with victoriametrics(tmp_path_factory.mktemp("victoria")) as server:
        yield server


def to(server: Victoria | ScriptedServer, **changes: object) -> Destination:
    given = {"kind": "victoriametrics", "memory_seconds": 0.0, **changes}
    return Destination(server.url, NAME, **given)  # type: ignore[arg-type]


def write(server: Victoria | ScriptedServer, body: bytes) -> str:
    writer = make_writer(to(server))
    try:
        return writer.write(body)
    finally:
        writer.close()


def test_every_register_of_every_telegram_is_there(journal: Journal, victoria: Victoria) -> None:
    meter = Meter("every", clock="normal-time")
    record(journal, *range(50), meter=meter)
    with delivering(journal, to(victoria)) as delivery:
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered")
        assert delivery.answer.words == "all is well"
    energies = victoria.values('active_energy_value{meter="every"}')
    assert energies == [1_000_000 + number for number in range(50)]
    assert len(victoria.values('voltage_value{meter="every"}')) == 50
    assert not journal.refused.count(NAME)


def test_what_is_written_twice_is_stored_once(victoria: Victoria) -> None:
    body = NOW.replace(b"new", b"twice") % 5
    assert write(victoria, body) == write(victoria, body) == ""
    assert victoria.values('voltage_value{meter="twice"}') == [5]


def test_a_point_that_it_drops_with_a_204_is_rejected_in_words(victoria: Victoria) -> None:
    with pytest.raises(WriteRejected, match=r"answered 204 and dropped rows: 1, because they are older than its"):
        write(victoria, OLD)


def test_a_dropped_point_is_listed_and_all_others_are_stored(journal: Journal, victoria: Victoria) -> None:
    meter, ahead = Meter("future", clock="receive"), datetime.now(UTC) + timedelta(days=30)
    rows = {ahead: "1-0:1.8.0(1000.001*kWh)", START: "1-0:1.8.0(1000.000*kWh)"}
    journal.records.append([Entry(Frame("p1", telegram(row), at), meter) for at, row in rows.items()])
    with delivering(journal, to(victoria)):
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered or refused")
    assert victoria.values('active_energy_value{meter="future"}') == [1_000_000]
    (refused,) = journal.refused.list_newest(NAME)
    assert refused.refusal.first_id == 1
    assert "they lie in the future" in refused.refusal.reason


def test_a_line_that_it_cannot_read_is_rejected(victoria: Victoria) -> None:
    with pytest.raises(WriteRejected):
        write(victoria, NOW.replace(b"new", b"bad") % 1 + b"no line\n")


def test_texts_are_left_out_and_numbers_of_the_same_telegram_are_not(journal: Journal, victoria: Victoria) -> None:
    rows = ("0-0:1.0.0(260101010000W)", "0-0:96.1.1(4B384547303034)", "1-0:32.7.0(230.1*V)")
    journal.records.append([Entry(Frame("p1", telegram(*rows), START), Meter("texts", clock="normal-time"))])
    with delivering(journal, to(victoria)):
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered")
    assert victoria.values('voltage_value{meter="texts"}') == [230.1]
    assert victoria.rows('{meter="texts",__name__=~"meter_text.*"}') == []
    assert leave_texts_out(b'meter_text,meter=m text="x" 1\n') == b""


def test_how_it_was_started_is_told(tmp_path: Path) -> None:
    with victoriametrics(tmp_path / "careless", ()) as server:
        doubt = write(server, b"voltage,meter=m value=1 %d\n" % (datetime.now(UTC).timestamp() * 1000))
        assert "drops what is older than its -retentionPeriod=1: start it with 100y" in doubt
        assert "keeps a point twice that is sent twice: start it with -dedup.minScrapeInterval=1ms" in doubt
        writer = make_writer(to(server))
        assert writer.check() == doubt
        writer.close()


class Counting:
    """A scripted VictoriaMetrics: its counters are those of the last whole second, as one really tells them."""

    def __init__(self, drops: int = 0) -> None:
        self.looks, self.writes, self.drops, self.start = 0, 0, drops, 1

    def __call__(self, request: Request) -> Reply | Misbehave:
        if request.path == "/flags":
            return Reply(200, b'-retentionPeriod="100y"\n-dedup.minScrapeInterval="1ms"\n')
        if request.path == "/metrics":
            self.looks += 1
            return Reply(200, (METRICS % (self.start, self.looks // 2, min(self.writes, self.drops))).encode())
        self.writes += 1
        return Reply(204)


def test_what_another_program_had_dropped_is_not_blamed_on_our_lines(server: ScriptedServer) -> None:
    server.answer = counting = Counting(drops=1)
    assert write(server, NOW % 1) == ""
    assert counting.writes == 2


def test_what_is_dropped_again_is_rejected(server: ScriptedServer) -> None:
    server.answer = Counting(drops=2)
    with pytest.raises(WriteRejected, match="1, because they lie in the future"):
        write(server, NOW % 1)


def test_what_it_had_in_memory_when_it_was_started_anew_is_not_confirmed(server: ScriptedServer) -> None:
    server.answer = counting = Counting()
    writer = make_writer(to(server))
    writer.write(NOW % 1)
    counting.start = 2
    with pytest.raises(WriteUnavailable, match="was started anew, and may have lost what it had in memory"):
        writer.confirm()
    writer.write(NOW % 1)
    writer.confirm()
    writer.close()


def test_what_is_not_confirmed_is_delivered_once_more(journal: Journal, server: ScriptedServer) -> None:
    class Restarting(Counting):
        """It is started anew after the first lines that it takes."""

        def __call__(self, request: Request) -> Reply | Misbehave:
            self.start = min(self.writes, 1)
            return super().__call__(request)

    server.answer = restarting = Restarting()
    record(journal, 1, meter=HOME)
    with delivering(journal, to(server)):
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered")
    assert restarting.writes == 2


def test_while_lines_wait_to_be_confirmed_a_command_may_delete_what_was_written(
    journal: Journal, server: ScriptedServer
) -> None:
    server.answer = counting = Counting()
    record(journal, 1, meter=HOME)
    with delivering(journal, to(server, memory_seconds=30.0)):
        until(lambda: counting.writes == 1, "the lines are taken")
        with journal.destinations.hold_requests_back(PATIENCE) as held:
            assert held
            assert journal.destinations.has_waiting(NAME)


def test_a_request_holds_a_backlog_as_each_is_confirmed_late(journal: Journal, server: ScriptedServer) -> None:
    server.answer = counting = Counting()
    record(journal, *range(1700), meter=HOME)  # 5,100 lines: more than InfluxDB gets at once
    with delivering(journal, to(server)):
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered")
    assert counting.writes == 1


def test_nothing_but_texts_is_no_request(server: ScriptedServer) -> None:
    server.answer = counting = Counting()
    writer = make_writer(to(server, memory_seconds=PATIENCE))
    server.answer = lambda request: Reply(503) if request.path.endswith("write") else counting(request)
    with pytest.raises(WriteUnavailable):
        writer.write(NOW % 1)
    server.answer = counting
    assert writer.write(b'meter_text,meter=m text="x" 1\n') == ""
    writer.confirm()
    assert counting.writes == 0


def test_another_program_at_the_address_is_told(server: ScriptedServer) -> None:
    server.answer = lambda _: Reply(200, b"<html>")
    with pytest.raises(WriteUnavailable, match="is not a VictoriaMetrics, whose counters"):
        write(server, NOW % 1)


@pytest.mark.parametrize(
    ("status", "error"), [(400, WriteUnavailable), (401, WriteUnavailable), (413, TooLarge), (503, WriteUnavailable)]
)
def test_any_other_answer_keeps_everything(server: ScriptedServer, status: int, error: type[Exception]) -> None:
    counting = Counting()
    server.answer = lambda request: Reply(status, b"no") if request.path.endswith("write") else counting(request)
    with pytest.raises(error, match=f"answers {status}: no"):
        write(server, NOW % 1)


def test_one_that_is_down_is_told_and_asked_again(journal: Journal) -> None:
    record(journal, 1, meter=HOME)
    dead = Destination(f"http://127.0.0.1:{free_port()}", NAME, kind="victoriametrics")
    with delivering(journal, dead) as delivery:
        until(lambda: delivery.retries > 1, "it has been asked again")
        assert "VictoriaMetrics at http://127.0.0.1:" in delivery.answer.words
        assert journal.destinations.count_waiting(NAME).frames == 1


def test_a_meter_is_deleted_whole_or_not_at_all(victoria: Victoria) -> None:
    write(victoria, NOW.replace(b"new", b"gone") % 1 + NOW.replace(b"new", b"stays") % 2)
    erase(to(victoria), "gone", EVER[0], EVER[0])
    assert victoria.values('voltage_value{meter="gone"}') == [1]
    with pytest.raises(WriteRejected, match="no range of time"):
        erase(to(victoria), "gone", EVER[0], START)
    erase(to(victoria), "gone", *EVER)
    assert victoria.values('voltage_value{meter="gone"}') == []
    assert victoria.values('voltage_value{meter="stays"}') == [2]
