"""Who may ask, under which name, and what every answer forbids."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from hanlogger.web.guard import is_ours
from hanlogger.web.serving import MOST_CONNECTIONS
from tests.support.waiting import until
from tests.support.web import Asked, serving, settings_of, state_of


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    settings = settings_of(tmp_path / "journal.sqlite3", "home", text='[web]\nhosts = ["Meter.Example.org"]')
    with serving(settings, state_of()) as served:
        yield served


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8088", "192.168.1.7", "[::1]:8088", "localhost:1", "LOCALHOST", "meter.example.org:443"]
)
def test_addresses_localhost_and_the_names_of_the_settings_are_ours(host: str) -> None:
    assert is_ours(host, {"localhost", "meter.example.org"})


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil", "localhost:80x", "a@localhost:1"]
)
def test_any_other_name_is_refused(host: str) -> None:
    assert not is_ours(host, {"localhost"})


def test_a_name_that_was_bound_to_our_address_by_another_gets_nothing(asked: Asked) -> None:
    for path in ("/", "/metrics", "/api/now.json", "/static/style.css", "/capture.txt", "/events"):
        answer = asked.get(path, host="rebound.example:8088")
        assert (answer.status, "does not answer under this name" in answer.text) == (421, True)
    assert asked.get("/", host="meter.example.org").status == 200


def test_nothing_can_be_written(asked: Asked) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert asked.get("/", method).status == 405
    assert asked.get("/", "HEAD").status == 200


def test_a_page_of_another_site_can_load_nothing_but_may_link_here(asked: Asked) -> None:
    assert asked.get("/capture.txt", sec_fetch_site="cross-site", sec_fetch_mode="no-cors").status == 403
    assert asked.get("/", sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 200


def test_every_answer_is_locked_down(asked: Asked) -> None:
    for path in ("/", "/nothing", "/metrics", "/api/now.json", "/static/live.js"):
        headers = asked.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert not {"set-cookie", "access-control-allow-origin", "server"} & headers.keys()


def test_no_page_has_a_script_or_a_style_of_its_own_or_anything_of_another_host(asked: Asked) -> None:
    for path in ("/?meter=home", "/energy?meter=home", "/health?meter=home", "/nothing"):
        html = asked.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)", html)
        assert set(re.findall(r"(?:src|href|action)=\"(\w+:|//)", html)) == set()


def test_a_crowd_of_connections_leaves_room_for_no_more_and_goes_away_again(asked: Asked) -> None:
    address = ("127.0.0.1", int(asked.pages.address.rsplit(":", 1)[1].rstrip("/")))
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(socket.create_connection(address)) for _ in range(MOST_CONNECTIONS + 20)]
        until(lambda: sum(map(_is_closed, crowd)) >= 20, "those that are too many are closed")
        assert not all(map(_is_closed, crowd))  # as they would be for saying nothing
    until(lambda: _answers(asked), "a place is free again")


def _answers(asked: Asked) -> bool:
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        return asked.get("/api/now.json").status == 200
    return False


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
