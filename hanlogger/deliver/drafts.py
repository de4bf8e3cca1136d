"""Draft what becomes of a record of the journal: its lines, and what is to be noted about it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.deliver.lines import Line
from hanlogger.deliver.notices import Notices, make_attempt_id, note_all, note_clock, observe
from hanlogger.deliver.series_limit import SeriesLimit
from hanlogger.errors import DecodeError, JournalUnavailable
from hanlogger.intervals.levels import QUARTER_MS
from hanlogger.journal import NotDecoded, Observation, Price, Record, make_frame
from hanlogger.journal.energy.announcements import from_price_text, from_text
from hanlogger.journal.energy.quarters import Amount, Change
from hanlogger.journal.model import DIRECTIONS, MILLISECOND, Kind, from_ms
from hanlogger.journal.order import Order
from hanlogger.model import Key, Meter, Point, Reading
from hanlogger.points.costs import make_running_point
from hanlogger.points.encoder import encode
from hanlogger.points.lineprotocol import encode_points
from hanlogger.points.points import make_health_points, make_interval_point, make_price_point
from hanlogger.points.timestamp import resolve_timestamp
from hanlogger.templates import Templates

TEMPLATES = Templates()
"""What all destinations have learnt of messages."""

log = logging.getLogger(__name__)


class Draft(NamedTuple):
    """What becomes of a record: its lines, what was noticed in it, and whether something in it cannot be read."""

    record_id: int
    lines: tuple[Line, ...] = ()
    observation: Observation | None = None
    undecoded: NotDecoded | None = None


def _list_no_amounts(_meter: str, _change: Change) -> Sequence[Amount]:
    """Return nothing: a journal that announces no intervals."""
    return ()


Costs = Callable[[Meter, Change, Sequence[Amount], int], Sequence[Point]]
"""Returns the points of what intervals of a meter cost: given are their energy and the record that announces them."""


def list_no_costs(_meter: Meter, _change: Change, _amounts: Sequence[Amount], _record: int) -> Sequence[Point]:
    """Return nothing: no tariff is set."""
    return ()


def _read_no_prices(_area: str, _quarters: Collection[int]) -> Mapping[datetime, Price]:
    """Return nothing: a journal that announces no prices."""
    return {}


def _take_all(_meter: str) -> bool:
    return True


class Drafter:
    """Makes drafts of records.

    `before`: returns the frame of the same meter that was recorded before a record, or None.
    `keys`: by meter. `series_limit`: None where there is none. `takes`: whether anything is sent of a meter, by name.
    `amounts`: returns what is to be delivered of a meter's announced intervals. `costs`: what they cost.
    `prices`: returns an area's announced prices.
    """

    def __init__(
        self,
        before: Callable[[Record], Record | None],
        keys: Mapping[str, Sequence[Key]],
        logger_name: str,
        series_limit: SeriesLimit | None = None,
        takes: Callable[[str], bool] = _take_all,
        amounts: Callable[[str, Change], Sequence[Amount]] = _list_no_amounts,
        costs: Costs = list_no_costs,
        prices: Callable[[str, Collection[int]], Mapping[datetime, Price]] = _read_no_prices,
    ) -> None:
        self._keys = keys
        self._logger_name = logger_name
        self._series_limit, self._takes = series_limit, takes
        self.left_out: set[str] = set()  # meters that came, and of which nothing is sent
        self._order = Order(before, self._decode)
        self._amounts, self._costs, self._prices = amounts, costs, prices
        self._make: Mapping[Kind, Callable[[Record], Draft]] = {
            "frame": self._draft_frame,
            "health": self._draft_health,
            "intervals": self._draft_intervals,
            "prices": self._draft_prices,
        }
        self._notices = Notices()

    def must_wait(self, record: Record) -> bool:
        """Return whether the record's points take the arrival time while the host's clock is not known to be set."""
        if not record.provisional:
            return False
        try:
            when = resolve_timestamp(self._decode(record), record.meter, record.received_at, judge=False)
        except Exception:  # noqa: BLE001 whatever it is, `draft` lists it
            return False
        return bool(when.replaced) or record.meter.clock == "receive"

    def draft(self, record: Record) -> Draft:
        """Return the record's draft; that of a frame that cannot be decoded has no lines and says why."""
        if not record.corruption and not self._takes(record.meter.name):
            self.left_out.add(record.meter.name)
            return Draft(record.id)
        try:
            return self._make[record.kind](record)
        except DecodeError as error:
            reason = str(error)
        except JournalUnavailable:
            raise
        except Exception as error:  # a fault of ours in one frame must not hold up all others
            reason = f"a fault of hanlogger's own: {error!r}"
            if self._notices.is_new("", type(error).__name__):  # it may be in every record
                log.exception("record %d cannot be made into points", record.id)
        tried = make_attempt_id(self._keys.get(record.meter.name, ()))
        observation = (
            Observation(record.id, record.meter.name, None, ("damaged_in_journal",)) if record.corruption else None
        )
        return Draft(record.id, observation=observation, undecoded=NotDecoded(record.id, reason, tried))

    def _decode(self, record: Record) -> Reading:
        return decode(make_frame(record), record.meter, self._keys.get(record.meter.name, ()))

    def _draft_frame(self, record: Record) -> Draft:
        return self._by_template(record) or self._by_reading(record)

    def _by_template(self, record: Record) -> Draft | None:
        """Return the draft of a frame that has a template; None where that is not enough, or a series is new."""
        meter = record.meter.name
        filled = TEMPLATES.find(make_frame(record), record.meter, self._keys.get(meter, ()))
        if filled is None:
            return None
        timestamp = self._order.resolve(record, filled.reading)
        if self._series_limit and not self._series_limit.admits(meter, filled.list_series(timestamp)):
            return None
        encoded = filled.encode(timestamp)
        if encoded is None:
            return None
        self._notices.say(meter, timestamp.replaced)
        observation = observe(record, timestamp, note_clock(timestamp))
        return Draft(record.id, (Line(record.id, *encoded),), observation)

    def _by_reading(self, record: Record) -> Draft:
        reading = self._decode(record)
        timestamp = self._order.resolve(record, reading)
        lines, untimed = encode(reading, record.meter, timestamp)
        self._notices.say(record.meter.name, timestamp.replaced)
        self._notices.say(record.meter.name, "untimed" if untimed else "")
        sent = self._series_limit.admit(record.meter.name, lines) if self._series_limit else lines
        notes = (*note_all(reading, untimed, timestamp), *("over_max_series",) * (len(lines) - len(sent)))
        TEMPLATES.learn(make_frame(record), record.meter, self._keys.get(record.meter.name, ()), timestamp, lines)
        unread = self._notices.find_unread(record, reading, self._keys.get(record.meter.name, ()))
        return Draft(record.id, _make_lines(record, sent), observe(record, timestamp, notes), unread)

    def _draft_health(self, record: Record) -> Draft:
        fields = json.loads(record.data)
        running = [_to_running_point(record, fee) for fee in fields.pop("running_hour", ())]
        points = make_health_points(fields, record.meter.name or None, self._logger_name, record.received_at)
        return Draft(record.id, _make_lines(record, encode_points([*points, *running])))

    def _draft_intervals(self, record: Record) -> Draft:
        """Return the lines of announced intervals as they are now, whatever they were when they were announced."""
        change = from_text(record.data)
        amounts = self._amounts(record.meter.name, change)
        points = [
            make_interval_point(
                record.meter,
                DIRECTIONS[each.direction],
                each.quality,
                each.watt_hours,
                each.milliseconds * MILLISECOND,
                from_ms(each.quarter * QUARTER_MS),
            )
            for each in amounts
        ]
        costs = self._costs(record.meter, change, amounts, record.id)
        return Draft(record.id, _make_lines(record, encode_points((*points, *costs))))

    def _draft_prices(self, record: Record) -> Draft:
        """Return the lines of announced prices as they are now."""
        area, quarters = from_price_text(record.data)
        points = [
            make_price_point(area, price.currency, price.value, start)
            for start, price in self._prices(area, quarters).items()
        ]
        return Draft(record.id, _make_lines(record, encode_points(points)))


def _to_running_point(record: Record, fee: Mapping[str, str]) -> Point:
    """Return the point of the hour that runs, as a minute of health has it for a fee."""
    numbers = {name: Decimal(text) for name, text in fee.items() if name != "line"}
    return make_running_point(record.meter.name, fee["line"], record.received_at, numbers)


def _make_lines(record: Record, lines: Sequence[bytes]) -> tuple[Line, ...]:
    return (Line(record.id, b"".join(lines), len(lines)),) if lines else ()
