"""The pages over a real journal, asked over a real socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import urllib3

from hanlogger.address import Address
from hanlogger.aggregate import Aggregator
from hanlogger.config import Settings, Web, load
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.running.latest import Latest
from hanlogger.simulate.dialects import DIALECTS
from hanlogger.simulate.house import House
from hanlogger.sources import Port
from hanlogger.status.state import JournalState, MeterState, State
from hanlogger.web import Pages

MINUTE = timedelta(minutes=1)


class Answer(NamedTuple):
    """An answer with its text."""

    status: int
    text: str
    headers: dict[str, str]


class Asked:
    """Pages that are served, and how they are asked."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._pool = urllib3.PoolManager(retries=False, timeout=60.0)

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._pool.request(method, self.pages.address.rstrip("/") + path, headers=named, redirect=False)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, answer.data.decode(), found)


def settings_of(journal: Path, *meters: str, text: str = "") -> Settings:
    """Settings with these meters, whose pages are served at a port of the system's choice."""
    file = journal.with_suffix(".toml")
    tables = "".join(f'[[meter]]\nname = "{name}"\nport = "/dev/{name}"\n' for name in meters)
    file.write_text(f'journal = "{journal}"\n{text}\n{tables}', "utf-8")
    loaded = load(file, {})
    return replace(loaded, web=Web(Address("127.0.0.1", 0), loaded.web.hosts))


@contextmanager
def serving(settings: Settings, state: State | None = None) -> Iterator[Asked]:
    assert settings.web.listen is not None
    pages = Pages(settings, settings.web.listen)
    pages.start()
    try:
        if state is not None:
            pages.publish(state)
        yield Asked(pages)
    finally:
        pages.stop()


def state_of(*meters: MeterState, at: datetime | None = None) -> State:
    now = at or datetime.now(UTC)
    return State("0", 1, "cellar", now - timedelta(hours=1), now, JournalState("journal"), meters)


def meter_state(name: str, frames: Sequence[Frame] = (), **given: object) -> MeterState:
    """What a running logger says of a meter that has sent these frames."""
    latest = Latest(Port(f"/dev/{name}", Meter(name)))
    for frame in frames:
        latest.note_frame(frame)
        latest.update()
    facts = {"state": "open", "last": latest.at, "interval": 10.0, "registers": dict(latest.registers), "fuse": 20.0}
    return MeterState(**{"name": name, "port": f"/dev/{name}", "words": latest.words, **facts, **given})  # type: ignore[arg-type]


def frames_of(dialect: str, times: Sequence[datetime], seed: int = 1, step: timedelta = MINUTE) -> list[Frame]:
    """The telegrams of a simulated house at these times, in rising order, which are so many steps apart."""
    house = House(seed, min(times), step)
    push = DIALECTS[dialect].pushes[-1]
    return [Frame("p1", push.encode(house.compute_state(at)), at) for at in times]


def record(path: Path, name: str, frames: Sequence[Frame]) -> None:
    with Journal.open(path, exclusive=False) as journal:
        journal.records.append([Entry(frame, Meter(name)) for frame in frames])
        Aggregator(journal, {}).catch_up()
