"""What the doctor says of the journal, InfluxDB and Grafana."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.doctor import Finding
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.doctoring import english, examined, keys, wrong
from tests.support.journals import refuse, set_undecoded
from tests.support.scripted_server import (
    BABBLE,
    CLOSE,
    DISK_FULL,
    NO_CONTENT,
    SIGNED,
    Reply,
    Request,
    ScriptedServer,
    scripted_server,
)
from tests.support.servers import Bucket, OwnInfluxdb, free_port, own_server
from tests.support.telegrams import SWEDISH


def looked_at(folder: Path, url: str, **variables: str) -> list[Finding]:
    """No port stands in the way: the demo is passed over."""
    return examined(folder, port="demo:", influxdb_url=url, **{"influxdb_token": "a-token", **variables})  # type: ignore[arg-type]


# --- the journal


def append(folder: Path, *, health: bool = False) -> None:
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.records.append([Entry(Frame("p1", SWEDISH, datetime.now(UTC)), Meter("home"))])
        if health:
            journal.records.append_health({"home": {"frames": 1.0}}, datetime.now(UTC))


def test_a_journal_that_can_be_used_is_told_with_its_size(tmp_path: Path) -> None:
    append(tmp_path)
    assert "journal" in keys(examined(tmp_path, port="demo:"))


def test_a_journal_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(44) + b"\0\0\0\x63" + bytes(200))
    assert wrong(examined(tmp_path, port="demo:")).key == "journal-unusable"


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlogger.doctor.journal_file.LEAST_FREE", 10**18)
    assert wrong(examined(tmp_path, port="demo:")).key == "journal-disk"


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    found = wrong(examined(tmp_path, port="demo:", journal="/usr/hanlogger/journal.sqlite3", nobody=True))
    assert found.key == "journal-folder"
    assert "/usr" in english(found)


def test_a_journal_that_cannot_be_looked_for_is_told(tmp_path: Path) -> None:
    assert wrong(examined(tmp_path, port="demo:", journal=str(tmp_path / ("x" * 300)))).key == "journal-unusable"


def test_what_was_refused_and_what_could_not_be_decoded_is_told(tmp_path: Path) -> None:
    append(tmp_path)
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.destinations.confirm("influxdb", 1)
        refuse(journal, "influxdb", 1, 1, b"a b=1", "field type conflict")
        set_undecoded(journal, 1, "no key")
    assert {"refused", "undecoded"} <= set(keys(examined(tmp_path, port="demo:")))


# --- InfluxDB


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    assert "database-none" in keys(examined(tmp_path, port="demo:"))


def test_a_database_that_takes_what_is_written_is_well(tmp_path: Path, bucket: Bucket) -> None:
    found = looked_at(
        tmp_path, bucket.server.url, influxdb_bucket=bucket.name, influxdb_token=bucket.token("read", "write")
    )
    assert "database" in keys(found)
    assert all(finding.level.healthy for finding in found), keys(found)


def test_a_database_that_does_not_run_is_told(tmp_path: Path) -> None:
    found = wrong(looked_at(tmp_path, f"http://127.0.0.1:{free_port()}"))
    assert found.key == "database-unreachable"
    assert "refused" in english(found)


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    assert wrong(looked_at(tmp_path, "http://influxdb.invalid:8086")).key == "database-unreachable"


def test_a_database_behind_a_certificate_that_is_not_trusted_is_told(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate")
    pem = tmp_path / "server.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout - -out -"
    pem.write_bytes(subprocess.run(make.split(), capture_output=True, check=True).stdout)
    with scripted_server(pem) as server:
        assert wrong(looked_at(tmp_path, server.url)).key == "database-tls"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html><title>Router</title></html>", {"Content-Type": "text/html"}),
        Reply(302, b"", {"Location": "https://login.example.org/"}),
        Reply(404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"}),
        Reply(501, b"Unsupported method"),
    ],
)
def test_what_is_not_influxdb_is_told(tmp_path: Path, reply: Reply) -> None:
    with scripted_server() as server:
        server.say(reply)
        assert wrong(looked_at(tmp_path, server.url)).key == "database-not-influxdb"


@pytest.mark.parametrize("misbehaviour", [BABBLE, CLOSE])
def test_what_speaks_no_http_is_told(tmp_path: Path, misbehaviour: object) -> None:
    with scripted_server() as server:
        server.answer = lambda _: misbehaviour  # type: ignore[assignment,return-value]
        assert wrong(looked_at(tmp_path, server.url)).key == "database-unreachable"


def test_an_influxdb_of_version_1_is_told(tmp_path: Path) -> None:
    """Its answers as measured (docs/influxdb.md 9.7)."""
    with scripted_server() as server:
        server.say(Reply(401, b'{"error":"authorization failed"}', {"X-Influxdb-Version": "1.12.4"}))
        found = wrong(looked_at(tmp_path, server.url))
    assert found.key == "database-influxdb-1"
    assert "1.12.4" in english(found)


def test_a_wrong_token_is_told_and_not_shown(tmp_path: Path, bucket: Bucket) -> None:
    found = wrong(looked_at(tmp_path, bucket.server.url, influxdb_bucket=bucket.name, influxdb_token="wrong-token"))
    assert found.key == "database-token"
    assert "wrong-token" not in english(found)


def test_a_token_that_may_only_read_is_told(tmp_path: Path, bucket: Bucket) -> None:
    token = bucket.token("read")
    found = wrong(looked_at(tmp_path, bucket.server.url, influxdb_bucket=bucket.name, influxdb_token=token))
    assert found.key == "database-permission"


def test_a_bucket_that_is_missing_is_told(tmp_path: Path, bucket: Bucket) -> None:
    token = bucket.token("read", "write")
    found = wrong(looked_at(tmp_path, bucket.server.url, influxdb_bucket="nope", influxdb_token=token))
    assert found.key == "database-bucket"
    assert "nope" in english(found)


def test_an_organisation_that_is_missing_is_told(tmp_path: Path, bucket: Bucket) -> None:
    token = bucket.server.admin_token
    found = wrong(looked_at(tmp_path, bucket.server.url, influxdb_org="nobody", influxdb_token=token))
    assert found.key == "database-bucket"
    assert "nobody" in english(found)


def test_a_token_file_that_is_missing_is_told(tmp_path: Path) -> None:
    file = str(tmp_path / "token")
    found = wrong(examined(tmp_path, port="demo:", influxdb_url="http://127.0.0.1:1", influxdb_token_file=file))
    assert found.key == "database-no-token"
    assert file in english(found)


def delivered(folder: Path) -> None:
    """What the database has already been given, so that it can be given it again."""
    append(folder, health=True)
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.destinations.confirm("influxdb", journal.newest)


def test_writing_is_tried_with_what_the_database_has_already(tmp_path: Path, bucket: Bucket) -> None:
    delivered(tmp_path)
    token = bucket.token("write")
    found = looked_at(tmp_path, bucket.server.url, influxdb_bucket=bucket.name, influxdb_token=token)
    assert "database" in keys(found)
    assert bucket.count("hanlogger", "frames") == 1


def test_a_full_disk_of_the_database_is_told(tmp_path: Path) -> None:
    delivered(tmp_path)

    def answer(request: Request) -> Reply:
        return Reply(500, DISK_FULL, SIGNED) if request.sent else NO_CONTENT

    with scripted_server() as server:
        server.answer = answer
        found = wrong(looked_at(tmp_path, server.url))
    assert found.key == "database-disk-full"
    assert "restart InfluxDB" in english(found)


def test_a_trouble_of_the_database_is_told(tmp_path: Path) -> None:
    delivered(tmp_path)
    with scripted_server() as server:
        server.answer = lambda request: Reply(503, b"") if request.sent else NO_CONTENT
        assert wrong(looked_at(tmp_path, server.url)).key == "database-fails"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(65536))
        except OSError:
            return


def test_a_disk_that_is_really_full_is_told(tmp_path: Path) -> None:
    delivered(tmp_path)
    with small_disk(tmp_path / "disk") as disk, own_server(disk / "influxd") as server:
        assert isinstance(server, OwnInfluxdb)
        fill(disk)
        found = wrong(looked_at(tmp_path, server.url, influxdb_token=server.admin_token))
    assert found.key == "database-disk-full"


# --- Grafana

SOURCE = {"type": "influxdb", "name": "hanlogger", "uid": "han"}


def grafana(folder: Path, server: ScriptedServer, **answers: Reply) -> list[Finding]:
    """Answers of Grafana 12, by the last part of the path."""
    usual = {
        "health": Reply(200, b'{"database":"ok","version":"12.2.0"}'),
        "datasources": Reply(200, json.dumps([SOURCE]).encode()),
        "source": Reply(200, b'{"status":"OK","message":"1 measurements found"}'),
    } | answers

    def answer(request: Request) -> Reply:
        name = "source" if "/uid/" in request.path else request.path.rpartition("/")[2]
        return usual[name]

    server.answer = answer
    return examined(folder, port="demo:", grafana_url=server.url, grafana_user="admin", grafana_password="secret")


def test_without_its_address_grafana_is_not_looked_at(tmp_path: Path) -> None:
    assert "grafana-none" in keys(examined(tmp_path, port="demo:"))


def test_a_grafana_that_reaches_the_database_is_well(tmp_path: Path, server: ScriptedServer) -> None:
    assert keys(grafana(tmp_path, server))[-1] == "grafana"
    assert "Basic YWRtaW46c2VjcmV0" in server.requests[-1].headers.values()


def test_a_data_source_that_finds_nothing_is_told(tmp_path: Path, server: ScriptedServer) -> None:
    nothing = Reply(200, b'{"status":"OK","message":"datasource is working. 0 measurements found"}')
    assert keys(grafana(tmp_path, server, source=nothing))[-1] == "grafana-empty"


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ({"health": Reply(200, b"<html>")}, "grafana-not"),
        ({"datasources": Reply(401, b'{"message":"Invalid username or password"}')}, "grafana-login"),
        ({"datasources": Reply(403, b'{"message":"Permission denied"}')}, "grafana-login"),
        ({"datasources": Reply(200, b'[{"type":"prometheus","name":"p","uid":"p"}]')}, "grafana-no-source"),
        ({"source": Reply(400, b'{"status":"ERROR","message":"error performing influxQL query"}')}, "grafana-source"),
    ],
)
def test_what_is_wrong_with_grafana_is_told(
    tmp_path: Path, server: ScriptedServer, answers: dict[str, Reply], key: str
) -> None:
    found = wrong(grafana(tmp_path, server, **answers))
    assert found.key == key
    assert "secret" not in english(found)


def test_a_grafana_that_does_not_run_is_told(tmp_path: Path) -> None:
    found = examined(tmp_path, port="demo:", grafana_url=f"http://127.0.0.1:{free_port()}", grafana_password="secret")
    assert wrong(found).key == "grafana-unreachable"


def test_a_filter_that_fits_no_meter_is_told(tmp_path: Path, server: ScriptedServer) -> None:
    append(tmp_path)
    found = looked_at(tmp_path, server.url, influxdb_meters="home,flat-*")
    (told,) = (finding for finding in found if finding.key == "database-filter-none")
    assert told.facts["pattern"] == "flat-*"
    (of,) = (finding for finding in found if finding.key == "database-filter")
    assert english(of) == "· influxdb: gets 1 of 2 meters: home, flat-*"


def test_a_database_that_gets_every_meter_has_no_filter_to_tell(tmp_path: Path, server: ScriptedServer) -> None:
    append(tmp_path)
    assert not {"database-filter", "database-filter-none"} & set(keys(looked_at(tmp_path, server.url)))
