"""Destinations that take some meters only: what is another's never waits for them, and they never delay another."""

from __future__ import annotations

from hanlogger.deliver.delivery import PASSED
from hanlogger.deliver.drafts import Drafter
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import Meter
from tests.support.delivering import LINES, delivering, energies, record, to
from tests.support.journals import START, append
from tests.support.scripted_server import HANG, NO_CONTENT, Misbehave, Reply, Request, ScriptedServer, influxdb_says
from tests.support.servers import Bucket, Influxdb, free_port
from tests.support.waiting import until

ONE, TWO = Meter("flat-1", clock="normal-time"), Meter("flat-2", clock="normal-time")
TENANT = "tenant"
DEAD = f"http://127.0.0.1:{free_port()}"


def restrict(journal: Journal, *destinations: Destination) -> None:
    journal.destinations.use_filters({one.name: one.takes for one in destinations})


def written(server: ScriptedServer) -> list[bytes]:
    """The requests that wrote something: the first asks only whether it may."""
    return [body for body in server.bodies if body]


def until_nothing_waits(journal: Journal, name: str = TENANT) -> None:
    until(lambda: not journal.destinations.has_waiting(name), f"nothing waits for {name}")


def test_a_tenants_bucket_holds_only_his_own(journal: Journal, bucket: Bucket) -> None:
    tenant = to(bucket, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    for number in range(5):
        record(journal, number, meter=ONE)
        record(journal, number, meter=TWO)
    journal.records.append_health({"flat-1": {"frames": 1.0}}, START)
    journal.records.append_health({"flat-2": {"frames": 1.0}}, START)
    journal.records.append_health({"": {"rss": 1.0}}, START)
    with delivering(journal, tenant):
        until_nothing_waits(journal)
    assert energies(bucket, "flat-1") == list(range(5))
    assert energies(bucket, "flat-2") == []
    assert {row["meter"] for row in bucket.query('SELECT * FROM "hanlogger"')} == {"flat-1"}


def test_what_a_destination_does_not_want_asks_it_nothing(journal: Journal, server: ScriptedServer) -> None:
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    record(journal, *range(3), meter=TWO)
    record(journal, 3, meter=ONE)
    record(journal, *range(4, 2000), meter=TWO)
    with delivering(journal, tenant):
        until(lambda: journal.destinations.get_cursor(TENANT) == journal.newest, "the cursor has passed all")
    lines = b"".join(written(server)).splitlines()
    assert len(lines) == LINES
    assert all(b"meter=flat-1" in line for line in lines)


def test_a_new_telegram_goes_out_at_once_among_those_of_others(journal: Journal, server: ScriptedServer) -> None:
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    with delivering(journal, tenant):
        for number in range(20):
            record(journal, number, meter=TWO)
            record(journal, number, meter=ONE)
            until(lambda: len(written(server)) == number + 1, "it is there")  # noqa: B023 at once
        until(lambda: journal.destinations.get_cursor(TENANT) == journal.newest, "all is settled")


def test_the_journal_is_told_of_many_records_of_others_at_once(journal: Journal, server: ScriptedServer) -> None:
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    record(journal, 0, meter=TWO)
    record(journal, 0, meter=ONE)
    with delivering(journal, tenant) as delivery:
        until(lambda: journal.destinations.get_cursor(TENANT) == 2, "its own is there, and the other's name is known")
        record(journal, *range(1, 10), meter=TWO)
        until(lambda: delivery._cursor == journal.newest, "the others are passed")
        assert journal.destinations.get_cursor(TENANT) == 2
        record(journal, *range(10, 10 + PASSED), meter=TWO)
        until(lambda: journal.destinations.get_cursor(TENANT) == journal.newest, "the journal is told")
        record(journal, 1000, meter=TWO)
        record(journal, 1001, meter=ONE)
        until(
            lambda: journal.destinations.get_cursor(TENANT) == journal.newest, "the next of its own takes all with it"
        )
    assert len(written(server)) == 2


def test_a_destination_that_has_nothing_yet_is_known_all_the_same(journal: Journal, server: ScriptedServer) -> None:
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    record(journal, 0, meter=TWO)
    with delivering(journal, tenant):
        until(lambda: journal.destinations.get_cursor(TENANT) == 1, "its cursor is kept, so it is not new any more")


def test_a_corrupt_record_under_anothers_name_is_listed(journal: Journal) -> None:
    record(journal, 0, meter=TWO)
    (found,) = journal.records.read_after(0, 1)
    drafter = Drafter(journal.records.get_previous, {}, "test", takes=lambda name: name == "flat-1")
    assert drafter.draft(found).undecoded is None
    assert drafter.draft(found._replace(corruption="its checksum is wrong")).undecoded is not None


def test_the_newest_of_its_own_is_found_among_many_of_others(journal: Journal, server: ScriptedServer) -> None:
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    record(journal, 0, meter=ONE)
    record(journal, *range(1, 100), meter=TWO)
    with delivering(journal, tenant) as delivery:
        until_nothing_waits(journal)
        assert delivery._find_newest()


def test_a_dead_destination_waits_for_its_own_telegrams_only(journal: Journal, bucket: Bucket) -> None:
    dead = Destination(DEAD, TENANT, token=to(bucket).token, meters=("flat-1",))
    restrict(journal, dead)
    record(journal, 0, 1, meter=TWO)
    record(journal, 2, meter=ONE)
    record(journal, *range(3, 10), meter=TWO)
    with delivering(journal, dead) as delivery, delivering(journal, to(bucket)):
        until(lambda: energies(bucket, "flat-2") == [0, 1, *range(3, 10)], "the living database has all")
        until(lambda: not delivery.answer.ok, "the dead one has been asked")
        until_nothing_waits(journal, "influxdb")
        assert journal.destinations.count_waiting(TENANT).frames == 1
        assert journal.destinations.has_waiting(TENANT)
    assert energies(bucket, "flat-1") == [2]


def test_a_database_that_does_not_answer_delays_no_other(
    journal: Journal, bucket: Bucket, server: ScriptedServer
) -> None:
    server.answer = lambda _: HANG
    slow = to(server, name=TENANT, meters=("flat-1",))
    other = to(bucket, name="other", meters=("flat-2",))
    restrict(journal, slow, other)
    with delivering(journal, slow), delivering(journal, other):
        record(journal, 0, meter=ONE)
        until(lambda: server.requests, "the slow one holds a request")
        record(journal, *range(1, 50), meter=TWO)
        until(lambda: energies(bucket, "flat-2") == list(range(1, 50)), "the other has all")
        until_nothing_waits(journal, "other")
        assert journal.destinations.count_waiting(TENANT).frames == 1


def test_two_tenants_in_two_databases_get_each_their_own(journal: Journal, influxdb: Influxdb) -> None:
    buckets = {name: influxdb.new_bucket() for name in ("flat-1", "flat-2")}
    tenants = [to(bucket, name=name, meters=(name,)) for name, bucket in buckets.items()]
    restrict(journal, *tenants)
    for number in range(10):
        record(journal, number, meter=(ONE, TWO)[number % 2])
    with delivering(journal, tenants[0]), delivering(journal, tenants[1]):
        for name in buckets:
            until_nothing_waits(journal, name)
    assert {name: energies(bucket, name) for name, bucket in buckets.items()} == {
        "flat-1": [0, 2, 4, 6, 8],
        "flat-2": [1, 3, 5, 7, 9],
    }
    assert energies(buckets["flat-1"], "flat-2") == []


def test_a_refused_line_among_others_telegrams_is_found(journal: Journal, server: ScriptedServer) -> None:
    def refuse_one(request: Request) -> Reply | Misbehave:
        return influxdb_says(422, "refused", "unprocessable entity") if b"value=1000001" in request.body else NO_CONTENT

    server.answer = refuse_one
    tenant = to(server, name=TENANT, meters=("flat-1",))
    restrict(journal, tenant)
    for number in range(3):
        record(journal, number, meter=ONE)
        record(journal, number, meter=TWO)
    with delivering(journal, tenant):
        until_nothing_waits(journal)
    (refused,) = journal.refused.list_newest(TENANT)
    assert refused.refusal.line is not None
    assert b"meter=flat-1" in refused.refusal.line
    assert not any(b"flat-2" in body for body in server.bodies)


def test_a_frame_that_no_database_takes_is_decoded_and_listed_all_the_same(journal: Journal) -> None:
    append(journal, 1, TWO)
    append(journal, 1, ONE)
    with delivering(journal, None, takes=lambda name: name == "flat-2"):
        until(journal.undecoded.list_newest, "they are listed")
        until(lambda: journal.destinations.get_cursor("no database") >= 2, "they are passed")
    assert [entry.meter for entry in journal.undecoded.list_newest()] == ["flat-2"]
