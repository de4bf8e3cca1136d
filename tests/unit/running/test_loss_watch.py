"""The watch over what was delivered, beside a delivery."""

from __future__ import annotations

import threading

import pytest

from hanlogger.journal import Journal
from hanlogger.running import loss_watch
from hanlogger.running.loss_watch import LossWatch
from tests.support.delivering import delivering, record, to
from tests.support.scripted_server import ScriptedServer
from tests.support.waiting import until


def test_a_mark_is_left_as_soon_as_anything_is_delivered_though_the_journal_says_so_later(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_watch, "LOOK", 0.01)
    record(journal, 1)
    stop = threading.Event()
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is delivered")
        watch = LossWatch(journal, to(server), delivery, "cellar", "", stop)
        watch.start()
        try:
            until(lambda: journal.learnt.get("destination influxdb"), "the mark")
        finally:
            stop.set()
            watch.join()
