"""Whatever answers in a server's place: every command that asks one says so in a sentence, bounded and harmless."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from hanlogger.archive.backfill import deliver, open_journal
from hanlogger.archive.erase import EVER, erase
from hanlogger.doctor.finding import Finding, Level
from hanlogger.errors import HanloggerError, WriteRejected, WriteUnavailable
from hanlogger.http import Limits, NoAnswer, Pool
from hanlogger.influxdb import Destination, Influx
from hanlogger.journal import Journal
from hanlogger.running.loss_watch import find_loss
from hanlogger.setup import SetupError, set_up
from hanlogger.setup import api as setup_api
from hanlogger.setup import secret_files as credentials
from hanlogger.setup.api import Api
from tests.support.certificates import own_certificate
from tests.support.delivering import record
from tests.support.doctoring import english, examined
from tests.support.scripted_server import (
    BABBLE,
    DRIP,
    NO_CONTENT,
    SIGNED,
    Misbehave,
    Reply,
    ScriptedServer,
    endless,
    influxdb_says,
    raw,
    scripted_server,
)
from tests.support.servers import Bucket, to_bucket

WORDS = "\x1b]0;owned\x07\x1b[2J\r\n2026-01-01 00:00:00 INFO forged\u2028\u202e\x9b1m"
TOKEN = "a-token-that-nobody-must-see"
ENDLESS = endless(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
STRANGE: dict[str, Reply | Misbehave] = {
    "a page": Reply(200, b"<html>"),
    "words": influxdb_says(403, WORDS),
    "page of words": Reply(500, WORDS.encode()),
    "no end": ENDLESS,
    "cut": raw(b"HTTP/1.1 204 No Content\r\nX-Influxdb-Bui"),
    "no HTTP": BABBLE,
    "compressed": Reply(200, b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"}),
    "a list": Reply(200, b"[]"),
    "nested": Reply(200, b"[" * 50_000),
    "another object": Reply(200, b'{"name":"influxdb","allowed":false,"database":"ok","orgs":[]}'),
    "elsewhere": Reply(302, b"", {"Location": "http://127.0.0.1:1/"}),
}


@pytest.fixture(params=STRANGE)
def stranger(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.say(STRANGE[request.param])
        yield server
        assert server.sent < 50_000_000


def destination(server: ScriptedServer, **changes: object) -> Destination:
    return Destination(url=server.url, token=SecretStr(TOKEN), **changes)  # type: ignore[arg-type]


def said(act: Callable[[], object]) -> str:
    with pytest.raises(HanloggerError) as caught:
        act()
    return str(caught.value)


def test_setup_says_in_a_sentence_that_it_is_no_influxdb(stranger: ScriptedServer, tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    words = said(lambda: set_up(destination(stranger), tmp_path, lambda _: None, patience=0))
    assert words.isprintable()
    assert stranger.requests


def test_erasing_is_done_by_a_204_alone(stranger: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    words = said(lambda: erase(destination(stranger), "home", *EVER))
    assert words.isprintable()
    assert TOKEN not in words
    assert not caplog.records


def worst(findings: list[Finding], about: str) -> Finding:
    (found,) = [each for each in findings if each.key.startswith(about)]
    assert found.level is Level.WRONG
    assert all(line.isprintable() for line in english(found).splitlines())
    return found


def test_doctor_says_what_is_wrong_with_a_database(stranger: ScriptedServer, tmp_path: Path) -> None:
    worst(examined(tmp_path, port="demo:", influxdb_url=stranger.url, influxdb_token=TOKEN), "database")


def test_doctor_shows_no_token_that_a_database_quotes(server: ScriptedServer, tmp_path: Path) -> None:
    server.say(influxdb_says(403, f"not with {TOKEN}", "forbidden"))
    found = worst(examined(tmp_path, port="demo:", influxdb_url=server.url, influxdb_token=TOKEN), "database")
    assert "not with …" in english(found)


def test_doctor_says_what_is_wrong_with_grafana(stranger: ScriptedServer, tmp_path: Path) -> None:
    worst(examined(tmp_path, port="demo:", grafana_url=stranger.url, grafana_password="secret"), "grafana")


def test_grafanas_own_words_are_harmless(server: ScriptedServer, tmp_path: Path) -> None:
    source = {"type": "influxdb", "name": f"hanlogger {WORDS}", "uid": f"../x {WORDS}"}
    health, listed = Reply(200, json.dumps({"message": WORDS}).encode()), Reply(200, json.dumps([source]).encode())
    server.answer = lambda request: listed if request.path.endswith("datasources") else health
    found = worst(examined(tmp_path, port="demo:", grafana_url=server.url, grafana_password="secret"), "grafana")
    assert found.key == "grafana-source"
    assert server.requests[-1].path.count("/") == 5


def test_what_is_not_known_to_be_influxdb_says_nothing_about_what_it_has(
    journal: Journal, server: ScriptedServer
) -> None:
    """A captive portal's 204 to a mark of another type is no sign that the database lost the mark."""
    record(journal, 1)
    journal.destinations.confirm("influxdb", 1)
    now = datetime.now(UTC)
    influx = Influx(destination(server))
    server.say(NO_CONTENT)
    assert find_loss(journal, "influxdb", influx, "cellar", now) is None
    for reply in (Reply(204), Reply(400, b"<html>"), influxdb_says(500)):
        server.say(reply)
        with pytest.raises(WriteUnavailable):
            find_loss(journal, "influxdb", influx, "cellar", now)
    server.say(influxdb_says(422, "field type conflict"), NO_CONTENT)
    assert find_loss(journal, "influxdb", influx, "cellar", now) is None
    server.say(NO_CONTENT)
    assert find_loss(journal, "influxdb", influx, "cellar", now) == now.replace(microsecond=now.microsecond)
    influx.close()


def test_a_204_to_erasing_that_does_not_say_it_is_influxdbs_is_told(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.say(NO_CONTENT)
    erase(destination(server), "home", *EVER)
    assert not caplog.records
    server.say(Reply(204))
    erase(destination(server), "home", *EVER)
    assert "does not say that it is InfluxDB" in caplog.text


@pytest.mark.parametrize(("reply", "words"), [(NO_CONTENT, ""), (Reply(204), "does not say that it is InfluxDB")])
def test_backfill_tells_who_takes_what_it_delivers(
    tmp_path: Path, server: ScriptedServer, reply: Reply, words: str
) -> None:
    server.say(reply)
    told: list[str] = []
    with open_journal(tmp_path / "journal.sqlite3") as found:
        record(found.journal, 1, 2)
        assert deliver(
            found,
            [destination(server)],
            {},
            "test",
            threading.Event(),
            lambda state: told.extend(one.words for one in state),
        )
    assert words in told[-1]
    assert bool(words) == bool(told[-1])


def test_influxdbs_own_answers_to_erasing_say_who_must_act(server: ScriptedServer) -> None:
    server.say(influxdb_says(401, f"unknown {TOKEN}", "unauthorized"))
    words = said(lambda: erase(destination(server), "home", *EVER))
    assert "does not know the token" in words
    assert TOKEN not in words
    server.say(influxdb_says(400, "invalid predicate", "invalid"))
    with pytest.raises(WriteRejected, match=r"^invalid predicate$"):
        erase(destination(server), "home", *EVER)


def test_erasing_may_take_longer_than_writing(server: ScriptedServer) -> None:
    server.say(raw(b"HTTP/1.1 204 No Content\r\nX-Influxdb-Version: v2.9.1\r\n", b"\r\n", pause=0.6))
    erase(destination(server, connect_timeout=0.2, read_timeout=0.2), "home", *EVER)


def test_an_answer_to_setup_that_drips_is_given_up(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_api, "LIMITS", Limits(connect=5, read=0.2))
    server.say(DRIP)
    api = Api(server.url)
    begun = time.monotonic()
    assert "no answer in time" in said(lambda: api.ask("GET", "/health"))
    api.close()
    assert time.monotonic() - begun < 10


def test_a_long_list_is_read_whole_by_setup(server: ScriptedServer) -> None:
    listed = {"authorizations": [{"description": "x" * 1000}] * 1000}
    server.say(Reply(200, json.dumps(listed).encode(), SIGNED))
    api = Api(server.url)
    assert api.ask("GET", "/api/v2/authorizations").content == listed
    api.close()


# one rule for certificates


def asks_pool(server: ScriptedServer, ca_file: Path | None) -> None:
    with Pool(server.url, Limits(5, 20), ca_file) as pool:
        pool.request("GET", server.url)


def asks_setup(server: ScriptedServer, ca_file: Path | None) -> None:
    api = Api(server.url, ca_file)
    api.ask("GET", "/health")
    api.close()


def writes(server: ScriptedServer, ca_file: Path | None) -> None:
    influx = Influx(destination(server, ca_file=ca_file))
    try:
        influx.check()
    finally:
        influx.close()


def erases(server: ScriptedServer, ca_file: Path | None) -> None:
    erase(destination(server, ca_file=ca_file), "home", *EVER)


@pytest.mark.parametrize("act", [asks_pool, asks_setup, writes, erases])
def test_https_trusts_the_systems_certificates_and_those_of_ca_file(
    act: Callable[[ScriptedServer, Path | None], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, own, other = (own_certificate(tmp_path / name) for name in ("system.pem", "own.pem", "other.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    for certificate, ca_file, trusted in (
        (system, None, True),
        (system, own, True),
        (own, own, True),
        (own, None, False),
        (other, own, False),
    ):
        with scripted_server(certificate) as server:
            if trusted:
                act(server, ca_file)
            else:
                with pytest.raises(HanloggerError, match="certificate"):
                    act(server, ca_file)
    with (
        scripted_server(system) as server,
        pytest.raises((NoAnswer, SetupError, WriteUnavailable), match="cannot be read"),
    ):
        act(server, tmp_path / "none.pem")


def test_doctor_trusts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system, own = own_certificate(tmp_path / "system.pem"), own_certificate(tmp_path / "own.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    for certificate, file, key in ((system, own, "database"), (own, own, "database"), (own, system, "database-tls")):
        with scripted_server(certificate) as server:
            found = examined(
                tmp_path, port="demo:", influxdb_url=server.url, influxdb_token=TOKEN, influxdb_ca_file=str(file)
            )
            assert key in [each.key for each in found]


def test_a_real_influxdb_shows_its_headers_in_every_answer(bucket: Bucket) -> None:
    good, bad = Influx(to_bucket(bucket)), Influx(to_bucket(bucket, TOKEN))
    assert good.check() == ""
    assert good.write(b"voltage,meter=home value=1 1767225610000\n") == ""
    with pytest.raises(WriteUnavailable, match="does not know the token"):
        bad.check()
    good.close()
    bad.close()
