"""Deliveries for tests: real telegrams in a real journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from pydantic import SecretStr

from hanlogger.deliver import Delivery, Pace
from hanlogger.influxdb import Destination
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Key, Meter
from tests.support.journals import START
from tests.support.octets import telegram
from tests.support.scripted_server import ScriptedServer
from tests.support.servers import Bucket
from tests.support.waiting import PATIENCE, until

HURRIED = Pace(first=0.02, longest=0.1, slow=0.1, idle=0.05)
HOUR = timedelta(hours=1)
LINES = 3  # of a telegram
HOME = Meter("home", clock="normal-time")


def sent(number: int, meter: Meter = HOME, *, start: datetime = START, live: bool = True) -> Entry:
    """A telegram of its own second: energy 1,000,000 Wh and `number`, voltage 230.1 V, and its clock's offset."""
    time = start + timedelta(seconds=number)
    clock = (time + HOUR).strftime("%y%m%d%H%M%S")
    rows = (f"0-0:1.0.0({clock}W)", f"1-0:1.8.0({1000 + number / 1000:012.3f}*kWh)", "1-0:32.7.0(230.1*V)")
    return Entry(Frame("p1", telegram(*rows), time), meter, live=live)


def record(journal: Journal, *numbers: int, meter: Meter = HOME) -> None:
    journal.records.append([sent(number, meter) for number in numbers])


def energies(bucket: Bucket, meter: str = "home") -> list[int]:
    """The numbers of the telegrams that are in the database."""
    rows = bucket.query(f'SELECT "value" FROM "active_energy" WHERE meter = \'{meter}\'')
    return [round(row["value"]) - 1_000_000 for row in rows]


def to(there: Bucket | ScriptedServer, **changes: object) -> Destination:
    settings: dict[str, object] = {"url": there.url if isinstance(there, ScriptedServer) else there.server.url}
    if isinstance(there, Bucket):
        settings |= {"bucket": there.name, "token": SecretStr(there.server.admin_token)}
    else:
        settings |= {"token": SecretStr("token")}
    return Destination(**settings | changes)  # type: ignore[arg-type]


@contextmanager
def delivering(
    journal: Journal,
    destination: Destination | None,
    keys: Mapping[str, Sequence[Key]] | None = None,
    pace: Pace = HURRIED,
    takes: Callable[[str], bool] | None = None,
    *,
    settles_late: bool = False,
) -> Iterator[Delivery]:
    stop = threading.Event()
    delivery = Delivery(
        journal, destination, keys or {}, stop, "test", pace=pace, takes=takes, settles_late=settles_late
    )
    delivery.start()
    try:
        yield delivery
    finally:
        stop.set()
        delivery.join(PATIENCE)
        assert not delivery.is_alive()


def until_served(journal: Journal, name: str = "influxdb", patience: float = PATIENCE) -> None:
    """All that is in the journal is in the database, or set aside under a name."""
    until(
        lambda: (
            journal.destinations.get_cursor(name) == journal.newest and journal.redeliveries.get_first(name) is None
        ),
        f"{name} is served",
        patience,
    )
