"""A running logger whose databases take some meters only, from its settings to what it reports."""

from __future__ import annotations

import threading
from pathlib import Path

from hanlogger.config import load
from hanlogger.influxdb import Destination
from hanlogger.running.filters import find_left_by_all
from hanlogger.running.logger import Running
from tests.support.octets import telegram
from tests.support.scripted_server import ScriptedServer
from tests.support.servers import free_port
from tests.support.waiting import until

ALL = Destination("http://h")
ONE, TWO = Destination("http://h", meters=("flat-1",)), Destination("http://h", meters=("flat-2*",))


def test_without_a_destination_or_with_one_for_all_none_is_left() -> None:
    assert find_left_by_all(()) is None
    assert find_left_by_all((ALL,)) is None
    assert find_left_by_all((ONE, ALL)) is None


def test_what_no_filter_takes_is_left() -> None:
    left = find_left_by_all((ONE, TWO))
    assert left is not None
    assert [name for name in ("flat-1", "flat-2", "flat-22", "flat-3", "") if left(name)] == ["flat-3", ""]


def file_of(folder: Path, meter: str, *rows: str) -> str:
    path = folder / f"{meter}.p1"
    path.write_bytes(b"".join(telegram(f"0-0:1.0.0(2601010{hour}0000W)", *rows) for hour in range(3)))
    return f'[[meter]]\nname = "{meter}"\nport = "file:{path}"\n'


def database(name: str, url: str, *patterns: str) -> str:
    return f'[destination.{name}]\nurl = "{url}"\ntoken = "t"\nmeters = {list(patterns)}\n'


def test_a_dead_tenant_waits_for_his_own_the_other_has_all_and_nothing_vanishes(
    tmp_path: Path, server: ScriptedServer
) -> None:
    rows = "1-0:32.7.0(230.1*V)"
    text = file_of(tmp_path, "flat-1", rows) + file_of(tmp_path, "flat-2", rows) + file_of(tmp_path, "flat-3", "odd")
    text += database("one", server.url, "flat-1") + database("dead", f"http://127.0.0.1:{free_port()}", "flat-2")
    (tmp_path / "hanlogger.toml").write_text(f'journal = "{tmp_path}/j.sqlite3"\n{text}[web]\nlisten = "off"\n')
    stop = threading.Event()
    with Running(load(tmp_path / "hanlogger.toml", {}), stop) as running:
        waiting = running.journal.destinations
        until(lambda: running.all_read, "the files are read")
        until(lambda: not waiting.has_waiting("one"), "flat-1 is delivered")
        until(lambda: running.journal.undecoded.list_newest(), "what nobody takes is listed")  # noqa: PLW0108
        assert running.journal.undecoded.list_newest()[0].meter == "flat-3"
        until(lambda: waiting.has_waiting("dead"), "flat-2 waits")
        state = running.report()
    assert state is not None
    assert {to.name: (to.waiting, to.meters) for to in state.destinations} == {
        "one": (0, ("flat-1",)),
        "dead": (3, ("flat-2",)),
    }
    assert b"flat-1" in b"".join(server.bodies)
    assert b"flat-2" not in b"".join(server.bodies)
