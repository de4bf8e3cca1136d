"""Faults of a meter and of its line, on request; the same seed gives the same faults.

A fault of the line turns a stream of reads into another stream. A fault of the meter changes the state that it reports
and is given to `simulate_telegrams(…, changes=…)`. A rate is the probability of the fault for each octet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hanlogger.simulate.energy import Counters
from hanlogger.simulate.house import HouseState
from hanlogger.simulate.wiring import ZONE

Read = tuple[datetime, bytes]
"""The arrival time of octets (UTC), and the octets."""

# --- faults of the line


def invert_bits(reads: Iterable[Read], random: Random, rate: float) -> Iterator[Read]:
    """Yield the reads with one bit inverted in some octets."""
    return _strike_octets(reads, random, rate, lambda octet: bytes([octet ^ 1 << random.randrange(8)]))


def lose_octets(reads: Iterable[Read], random: Random, rate: float) -> Iterator[Read]:
    """Yield the reads without some of their octets."""
    return _strike_octets(reads, random, rate, lambda _: b"")


def double_octets(reads: Iterable[Read], random: Random, rate: float) -> Iterator[Read]:
    """Yield the reads with some of their octets doubled."""
    return _strike_octets(reads, random, rate, lambda octet: bytes([octet, octet]))


def _strike_octets(reads: Iterable[Read], random: Random, rate: float, fault: Callable[[int], bytes]) -> Iterator[Read]:
    for time, data in reads:
        struck = [place for place in range(len(data)) if random.random() < rate]
        parts, at = [], 0
        for place in struck:
            parts += [data[at:place], fault(data[place])]
            at = place + 1
        yield time, b"".join(parts) + data[at:]


def cut_reads(reads: Iterable[Read], random: Random, longest: int = 64) -> Iterator[Read]:
    """Yield the same octets in reads of 1 to `longest` octets."""
    for time, data in reads:
        at = 0
        while at < len(data):
            end = at + random.randint(1, longest)
            yield time, data[at:end]
            at = end


def join_reads(reads: Iterable[Read], random: Random, most: int = 4) -> Iterator[Read]:
    """Yield up to `most` reads joined to one, at the time of the last of them."""
    held: list[bytes] = []
    number = random.randint(1, most)
    time = None
    for time, data in reads:
        held.append(data)
        if len(held) == number:
            yield time, b"".join(held)
            held, number = [], random.randint(1, most)
    if held and time is not None:
        yield time, b"".join(held)


def begin_mid_message(reads: Iterable[Read], random: Random) -> Iterator[Read]:
    """Yield the reads of a port that was opened while the first message was being sent."""
    for number, (time, data) in enumerate(reads):
        yield time, data[random.randrange(1, len(data)) :] if number == 0 and len(data) > 1 else data


def read_7e1_as_8n1(reads: Iterable[Read]) -> Iterator[Read]:
    """Yield the octets of a 7E1 line read as 8N1: with even parity in the eighth bit (docs/protocol.md B)."""
    for time, data in reads:
        yield time, bytes(octet | (octet.bit_count() & 1) << 7 for octet in data)


def silence(reads: Iterable[Read], begin: datetime, end: datetime) -> Iterator[Read]:
    """Yield the reads without those from `begin` until `end`."""
    return (read for read in reads if not begin <= read[0] < end)


# --- faults of the meter


def shift_clock(at: datetime, by: timedelta) -> Callable[[HouseState], HouseState]:
    """Return the fault by which the meter's clock is wrong by `by` from `at` on."""
    return lambda state: state._replace(clock=state.clock + by) if state.time >= at else state


def follow_summer_time(zone: ZoneInfo = ZONE) -> Callable[[HouseState], HouseState]:
    """Return the fault by which a standard-time clock follows legal time: an hour twice in autumn, a gap in spring."""

    def change(state: HouseState) -> HouseState:
        return state._replace(clock=state.clock + (state.time.astimezone(zone).dst() or timedelta()))

    return change


def reset_counters(after: HouseState) -> Callable[[HouseState], HouseState]:
    """Return the fault by which all counters start from zero at the time of the state `after`."""

    def change(state: HouseState) -> HouseState:
        if state.time < after.time:
            return state
        of_hour = _subtract(state.hour_counters, after.counters)
        return state._replace(counters=_subtract(state.counters, after.counters), hour_counters=of_hour)

    return change


def exchange_meter(after: HouseState) -> Callable[[HouseState], HouseState]:
    """Return the exchange of the meter at the time of the state `after`: another number, counters from zero."""
    reset = reset_counters(after)
    return lambda state: reset(state)._replace(meter=state.meter + 1) if state.time >= after.time else state


def _subtract(counters: Counters, begin: Counters) -> Counters:
    """Return what was counted since `begin`, at least zero."""
    (night, day), (first_night, first_day) = counters.import_by_tariff, begin.import_by_tariff
    (sold_night, sold_day), (first_sold_night, first_sold_day) = counters.export_by_tariff, begin.export_by_tariff
    return Counters(
        active_import=max(0, counters.active_import - begin.active_import),
        active_export=max(0, counters.active_export - begin.active_export),
        reactive_import=max(0, counters.reactive_import - begin.reactive_import),
        reactive_export=max(0, counters.reactive_export - begin.reactive_export),
        import_by_tariff=(max(0, night - first_night), max(0, day - first_day)),
        export_by_tariff=(max(0, sold_night - first_sold_night), max(0, sold_day - first_sold_day)),
    )


def find_dst_changes(year: int, zone: ZoneInfo = ZONE) -> tuple[datetime, ...]:
    """Return the full hours (UTC) at which daylight saving time begins and ends in a year."""
    hours = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(8760))
    before = timedelta(hours=1)
    return tuple(hour for hour in hours if hour.astimezone(zone).dst() != (hour - before).astimezone(zone).dst())
