"""`hanlogger setup` against a real InfluxDB 2.9.1: from nothing, again, and after every loss that has a way out."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from hanlogger.influxdb import Destination
from hanlogger.setup import SetupError, set_up
from hanlogger.setup import secret_files as credentials
from hanlogger.setup.advice import WAY_OUT
from tests.support.house import LINE, House
from tests.support.servers import HTTP, OwnInfluxdb, free_port, own_server
from tests.support.waiting import PATIENCE


def unheard(_: str) -> None:
    """For tests that look at the error alone."""


@pytest.fixture
def house(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> House:
    return House(fresh_influxdb, tmp_path / "secrets")


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with own_server(folder / "influxd", set_up=False) as server:
        yield House(server, folder / "secrets")


@pytest.fixture
def shared_house(one_for_all: House) -> House:
    """A house, set up, for tests that leave nothing that setup does not mend: it is the same for all of them."""
    one_for_all.up()
    return one_for_all


ONE_WORKER = pytest.mark.xdist_group("setup")  # each worker would start a server


def lose(path: Path) -> None:
    path.unlink()


def test_from_nothing_hanlogger_writes_and_grafana_reads(house: House) -> None:
    assert house.works()
    assert house.said == ["InfluxDB is set up: organisation home, bucket hanlogger", "hanlogger has a new write token"]
    assert house.server.call("GET", "/api/v2/setup") == {"allowed": False}
    password = credentials.read_secret(house.files.admin_password)
    signin = HTTP.request(
        "POST",
        f"{house.server.url}/api/v2/signin",
        headers=urllib3.util.make_headers(basic_auth=f"admin:{password}"),
    )
    assert signin.status == 204


@ONE_WORKER
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_write_token_is_given_to_hanlogger_alone(shared_house: House) -> None:
    found = shared_house.files.write_token.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (10001, 10001, 0o400)


@ONE_WORKER
def test_a_second_run_changes_nothing(shared_house: House) -> None:
    token, login, tokens = shared_house.write_token, shared_house.login, shared_house.write_tokens()
    shared_house.up()
    assert shared_house.said == []
    assert (shared_house.write_token, shared_house.login, shared_house.write_tokens()) == (token, login, tokens)
    assert shared_house.works()


def test_the_data_is_kept_for_ever(house: House) -> None:
    (bucket,) = house.server.call("GET", "/api/v2/buckets?org=home&name=hanlogger")["buckets"]
    assert [rule["everySeconds"] for rule in bucket["retentionRules"]] == [0]


def test_hanloggers_token_reads_nothing_and_writes_nowhere_else(house: House) -> None:
    house.server.new_bucket("other")
    assert house.write(bucket="other") == 403
    assert house.write() == 204
    assert "database not found" in house.query("SELECT * FROM voltage", login=f"any:{house.write_token}")["error"]


def test_grafanas_user_writes_nothing_and_sees_no_other_bucket(house: House) -> None:
    other = house.server.new_bucket("other")
    other.write(LINE)
    assert house.query("SHOW DATABASES")["series"][0]["values"] == [["hanlogger"]]
    assert "database not found" in house.query("SELECT * FROM voltage", database="other")["error"]
    headers = urllib3.util.make_headers(basic_auth=house.login)
    answer = HTTP.request("POST", f"{house.server.url}/write?db=hanlogger", body=LINE, headers=headers)
    assert answer.status == 403


@ONE_WORKER
@pytest.mark.parametrize("token", ["", "\n", "wrong"])
def test_a_lost_or_wrong_write_token_is_replaced_and_the_old_one_deleted(shared_house: House, token: str) -> None:
    old, (old_id,) = shared_house.write_token, shared_house.write_tokens()
    credentials.write_secret(shared_house.files.write_token, token, 10001)
    shared_house.up()
    assert shared_house.said == ["hanlogger has a new write token"]
    assert shared_house.works()
    assert shared_house.write(token=old) == 401
    assert len(shared_house.write_tokens()) == 1
    assert shared_house.write_tokens() != [old_id]


@ONE_WORKER
def test_a_lost_volume_of_hanlogger_is_filled_again(shared_house: House) -> None:
    lose(shared_house.files.write_token)
    shared_house.files.write_token.parent.rmdir()
    shared_house.up()
    assert shared_house.works()
    assert len(shared_house.write_tokens()) == 1


@ONE_WORKER
@pytest.mark.parametrize("revoke", ["DELETE", "PATCH"])
def test_a_revoked_write_token_is_replaced(shared_house: House, revoke: str) -> None:
    (identity,) = shared_house.write_tokens()
    inactive = {"status": "inactive"} if revoke == "PATCH" else None
    shared_house.server.call(
        revoke, f"/api/v2/authorizations/{identity}", json_body=inactive, expect=200 if inactive else 204
    )
    assert shared_house.write() in (401, 403)
    shared_house.up()
    assert shared_house.works()
    assert len(shared_house.write_tokens()) == 1


@ONE_WORKER
def test_a_lost_password_of_grafana_is_replaced(shared_house: House) -> None:
    old = shared_house.login
    lose(shared_house.files.reader_password)
    shared_house.up()
    assert shared_house.works()
    assert shared_house.query("SHOW DATABASES", login=old) == 401


@ONE_WORKER
def test_a_deleted_user_of_grafana_comes_back(shared_house: House) -> None:
    (user,) = shared_house.server.call("GET", "/private/legacy/authorizations?token=grafana")["authorizations"]
    shared_house.server.call("DELETE", f"/private/legacy/authorizations/{user['id']}", expect=204)
    shared_house.up()
    assert shared_house.works()


@ONE_WORKER
def test_a_bucket_that_was_restored_under_its_name_is_noticed(shared_house: House) -> None:
    (bucket,) = shared_house.server.call("GET", "/api/v2/buckets?org=home&name=hanlogger")["buckets"]
    shared_house.server.call("DELETE", f"/api/v2/buckets/{bucket['id']}", expect=204)
    shared_house.server.new_bucket("hanlogger")
    assert "database not found" in shared_house.query("SELECT * FROM voltage")["error"]
    shared_house.up()
    assert shared_house.works()
    assert len(shared_house.write_tokens()) == 1


@ONE_WORKER
def test_a_bucket_that_is_gone_is_made_again(shared_house: House) -> None:
    (bucket,) = shared_house.server.call("GET", "/api/v2/buckets?org=home&name=hanlogger")["buckets"]
    shared_house.server.call("DELETE", f"/api/v2/buckets/{bucket['id']}", expect=204)
    shared_house.up()
    assert "Bucket hanlogger was not there and is made" in shared_house.said
    assert shared_house.works()


def test_a_lost_admin_token_beside_kept_data_is_a_warning_with_the_way_out(house: House) -> None:
    lose(house.files.admin_token)
    house.up()
    warning, comfort = house.said
    assert WAY_OUT in warning
    assert str(house.files.admin_token) in warning
    assert "still work" in comfort
    assert house.works()


@pytest.mark.parametrize("also", ["write_token", "reader_password"])
def test_a_lost_admin_token_and_another_one_end_setup_with_the_way_out(house: House, also: str) -> None:
    lose(house.files.admin_token)
    lose(getattr(house.files, also))
    with pytest.raises(SetupError, match="cannot be renewed without the admin token"):
        house.up()
    assert WAY_OUT in house.said[0]


def test_the_way_out_makes_a_new_admin_token(house: House) -> None:
    lose(house.files.admin_token)
    lose(house.files.write_token)
    with pytest.raises(SetupError):
        house.up()
    house.server.stop()
    recover = WAY_OUT.partition("influxdb influxd ")[2].partition("|\n  docker")[0]
    command = f"{house.server.binary} {recover}".replace(
        "/var/lib/influxdb2/influxd.bolt", str(house.server.folder / "influxd.bolt")
    )
    token = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    house.files.admin_token.chmod(0o600)
    house.files.admin_token.write_text(token)
    house.server.start()
    house.up()
    assert house.said == ["hanlogger has a new write token"]
    assert house.works()


def test_lost_data_beside_kept_secrets_is_set_up_anew_and_said(house: House, tmp_path: Path) -> None:
    house.server.kill()
    with own_server(tmp_path / "empty", set_up=False) as house.server:
        house.up()
        assert any("hanlogger backfill" in sentence for sentence in house.said)
        assert house.works()


def test_a_database_that_somebody_else_has_taken_is_not_ours(own_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="401"):
        House(own_influxdb, tmp_path / "secrets")


def test_setup_waits_for_a_server_that_is_still_starting(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    fresh_influxdb.stop()
    credentials.make_secrets(tmp_path / "secrets")
    said: list[str] = []
    waiting = threading.Event()

    def say(sentence: str) -> None:
        said.append(sentence)
        waiting.set()

    destination = Destination(fresh_influxdb.url)
    setup = threading.Thread(target=set_up, args=(destination, tmp_path / "secrets", say, 30.0))
    setup.start()
    assert waiting.wait(PATIENCE)
    fresh_influxdb.start()
    setup.join(PATIENCE)
    assert said[0] == f"Waiting for InfluxDB at {fresh_influxdb.url}"
    assert said[-1] == "hanlogger has a new write token"


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_setup_gives_up_in_the_end_and_says_where_nobody_answered(tmp_path: Path, host: str) -> None:
    credentials.make_secrets(tmp_path)
    url = f"http://{host}:{free_port()}"
    with pytest.raises(SetupError, match=f"not ready within 0 s.*{url}"):
        set_up(Destination(url), tmp_path, unheard, patience=0.0)


def test_without_credentials_setup_says_how_to_make_them(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=f"hanlogger credentials {tmp_path}"):
        set_up(Destination(fresh_influxdb.url), tmp_path, unheard)


def test_a_password_that_influxdb_refuses_is_told_in_its_words(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    credentials.write_secret(tmp_path / "influxdb/admin_password", "short", 1000)
    with pytest.raises(SetupError, match="between 8 and 72 characters"):
        set_up(Destination(fresh_influxdb.url), tmp_path, unheard)


@pytest.fixture
def portal() -> Iterator[str]:
    """Something that answers everything with a page of its own: a proxy, a captive portal."""
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(page)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_what_answers_like_a_captive_portal_is_not_influxdb(portal: str, tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    with pytest.raises(SetupError, match="answered 200, not as InfluxDB does"):
        set_up(Destination(portal), tmp_path, unheard, patience=0.0)
