"""The thread that serves the pages: it sleeps while nobody asks, and ends when it is told to."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from hanlogger.web.serving import Pages
from tests.support.web import serving, settings_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the kernel tells no thread's state")


def count_wakes(name: str) -> int:
    """Return how often a thread of this process woke up."""
    (thread,) = (one for one in threading.enumerate() if one.name == name)
    status = Path(f"/proc/{os.getpid()}/task/{thread.native_id}/status").read_text("ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))
    return int(line.split()[1])


def test_the_thread_sleeps_while_nobody_asks(tmp_path: Path) -> None:
    with serving(settings_of(tmp_path / "j.sqlite3", "home")) as asked:
        asked.get("/api/now.json")
        before = count_wakes("pages")
        assert not threading.Event().wait(1.5)  # of a loop that looks ten times a second it would be fifteen
        assert count_wakes("pages") - before < 5


def test_every_answer_has_the_date_of_its_own_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(settings_of(tmp_path / "j.sqlite3", "home")) as asked:
        date = parsedate_to_datetime(asked.get("/api/now.json").headers["date"])
        assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)
        monkeypatch.setattr("hanlogger.web.serving.formatdate", lambda *, usegmt: f"another {usegmt}")
        assert asked.get("/api/now.json").headers["date"] == "another True"


def test_pages_that_are_stopped_at_once_or_after_an_answer_have_ended(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "j.sqlite3", "home")
    assert settings.web.listen is not None
    for asks in (False, True):
        with serving(settings) as asked:
            if asks:
                asked.get("/api/now.json")
            thread: threading.Thread = asked.pages._thread
        thread.join(100)
        assert not thread.is_alive()
    pages = Pages(settings, settings.web.listen)
    pages._server.end()
    pages.start()
    pages._thread.join(100)
    assert not pages._thread.is_alive()
    pages.stop()
