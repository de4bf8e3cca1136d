"""The parts of InfluxQL of which every query is composed.

Rules, each found by experiment (a test runs every query):
- Always select direction and phase and group by meter, or series are mixed silently.
- An aggregate over a subquery with buckets must not repeat $timeFilter unless it has buckets itself, or the answer is
  empty whenever the range begins between two buckets. Over `hours` it must, to cut off the hour before the range.
- Limit a present value by now(), not by the range, or yesterday's value looks like the present one.
- Write the time zone as a literal: Grafana would escape the slash of a variable.
- `=~ /^$meter$/` is the only form in which Grafana escapes one, several or all names correctly.
"""

from __future__ import annotations

from typing import Literal

Direction = Literal["import", "export", "net"]

METER = '"meter" =~ /^$meter$/'
IN_RANGE = f"{METER} AND $timeFilter"
NOW = f"{METER} AND time > now() - 5m"
INTERVAL = "$__interval"
PHASES = '"phase" =~ /^L[123]$/'


def select(what: str, *rest: str) -> str:
    """Return a SELECT statement of its parts."""
    return " ".join(("SELECT", what, *rest))


def over(query: str) -> str:
    """Return a FROM clause with a subquery."""
    return f"FROM ({query})"


def quantity(measurement: str) -> str:
    """Return FROM and WHERE for a measurement without a direction, ready for a further condition."""
    return f'FROM "{measurement}" WHERE'


def total(measurement: str, direction: Direction | None = None) -> str:
    """Return FROM and WHERE for the total of all phases, in one direction or all, ready for a further condition."""
    chosen = f"\"direction\" = '{direction}' AND " if direction else ""
    return f"{quantity(measurement)} {chosen}\"phase\" = 'total' AND"


def power(direction: Direction) -> str:
    """Return FROM and WHERE for a meter's total active power, ready for a further condition."""
    return total("active_power", direction)


def phase_power(direction: Direction) -> str:
    """Return FROM and WHERE for the active power of each phase, ready for a further condition."""
    return f"{quantity('active_power')} \"direction\" = '{direction}' AND {PHASES} AND"


def by(*tags: str, every: str = "", offset: str = "", fill: str = "", zone: str = "") -> str:
    """Return `GROUP BY time(every, offset), "tag" fill(fill) tz('zone')` of the arguments that are given."""
    buckets = [f"time({every}, {offset})" if offset else f"time({every})"] if every else []
    parts = ["GROUP BY " + ", ".join([*buckets, *(f'"{tag}"' for tag in tags)])]
    parts += [f"fill({fill})"] if fill else []
    parts += [f"tz('{zone}')"] if zone else []
    return " ".join(parts)


def drawn(*tags: str) -> str:
    """Return the GROUP BY for a drawn line: one value for each step of the graph, null if there is none."""
    return by(*tags, every=INTERVAL, fill="null")


def means(measurement: str, every: str) -> str:
    """Return a query of the means "m" of each phase over `every`, without empty buckets."""
    return select(
        'mean("value") AS "m"', quantity(measurement), IN_RANGE, by("meter", "phase", every=every, fill="none")
    )


def power_means(direction: Direction, every: str, where: str = IN_RANGE) -> str:
    """Return a query of the means "m" of the total active power over `every`, without empty buckets."""
    return select('mean("value") AS "m"', power(direction), where, by("meter", every=every, fill="none"))


def hours(direction: Direction, where: str = IN_RANGE) -> str:
    """Return a query of the energy "e" (Wh) of each hour from the counter, labelled hh:00:15.

    With the 15 s a counter of hh:00 that is sent at hh:00:10 (an hourly Norwegian list) ends its own hour. The energy
    of a gap is spread over its hours; otherwise all of it would count for the hour after. One step is lost when a
    counter starts from zero.
    """
    grouped = by("meter", every="1h", offset="15s", fill="linear")
    return select('non_negative_difference(last("value")) AS "e"', total("active_energy", direction), where, grouped)


def energy(
    direction: Direction,
    *tags: str,
    what: str = 'sum("e")',
    every: str = "",
    zone: str = "",
    where: str = IN_RANGE,
) -> str:
    """Return a query of an aggregate `what` of the hours in the range, by `tags` and, if it is given, by `every`."""
    grouped = [by(*tags, every=every, fill="none" if every else "", zone=zone)] if tags or every else []
    return select(what, over(hours(direction, where)), "WHERE $timeFilter", *grouped)


def base_load(grouped: str, where: str = IN_RANGE, *also: str) -> str:
    """Return a query of the base load: the power that 80 % of the 10-minute means of the import exceed.

    Ten minutes with an import of 0 in them are left out, because solar panels hide the load then. The lowest mean would
    be too low, because the panels hide a part of the load at dawn and dusk; that of the night too high, because cars
    are charged then.
    """
    inner = select('mean("value") AS "m", min("value") AS "least"', power("import"), where)
    of_ten_minutes = f"{inner} {by('meter', every='10m', fill='none')}"
    wanted = ", ".join(('percentile("m", 20) AS "base"', *also))
    return select(wanted, over(of_ten_minutes), 'WHERE "least" > 0', grouped)


HEALTH = quantity("hanlogger")
"""FROM and WHERE for the points about the logger's health."""


def rise_per_hour(counter: str, where: str, tag: str) -> str:
    """Return a query of how much a counter of the logger's health rises in each hour."""
    return select(f'non_negative_difference(last("{counter}"))', HEALTH, where, by(tag, every="1h", fill="none"))
