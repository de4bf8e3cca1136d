"""The pieces of InfluxQL from which every query is put together, once each.

Laws, each found by running (a test runs every query):
- always choose direction and phase and group by meter, else series mix without a word;
- over a bucketed subquery an aggregate without buckets of its own must not repeat $timeFilter, or the answer is empty
  whenever the range begins between two buckets; over `hours` it must, to cut off the hour before the range;
- bound a value of now by now(), not by the range, or yesterday looks live;
- the zone stands as a literal: Grafana would escape the slash of a variable;
- `=~ /^$meter$/` is the one form in which Grafana escapes the names, one, several or all.
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
    """A statement from its parts."""
    return " ".join(("SELECT", what, *rest))


def over(query: str) -> str:
    """`FROM (query)`."""
    return f"FROM ({query})"


def quantity(measurement: str) -> str:
    """A measurement without a direction, up to the rest of the condition."""
    return f'FROM "{measurement}" WHERE'


def total(measurement: str, direction: Direction | None = None) -> str:
    """The total of all phases, in one direction or in all, up to the rest of the condition."""
    chosen = f"\"direction\" = '{direction}' AND " if direction else ""
    return f"{quantity(measurement)} {chosen}\"phase\" = 'total' AND"


def power(direction: Direction) -> str:
    """The meter's total active power."""
    return total("active_power", direction)


def phase_power(direction: Direction) -> str:
    """The active power of each phase."""
    return f"{quantity('active_power')} \"direction\" = '{direction}' AND {PHASES} AND"


def by(*tags: str, every: str = "", offset: str = "", fill: str = "", zone: str = "") -> str:
    """`GROUP BY time(every, offset), "tag" fill(fill) tz('zone')`, of what is given."""
    buckets = [f"time({every}, {offset})" if offset else f"time({every})"] if every else []
    parts = ["GROUP BY " + ", ".join([*buckets, *(f'"{tag}"' for tag in tags)])]
    parts += [f"fill({fill})"] if fill else []
    parts += [f"tz('{zone}')"] if zone else []
    return " ".join(parts)


def drawn(*tags: str) -> str:
    """Grouped for a line: one value for each step of the picture, null where there is none."""
    return by(*tags, every=INTERVAL, fill="null")


def means(measurement: str, every: str) -> str:
    """The means "m" of each phase over `every`, empty buckets left out."""
    return select(
        'mean("value") AS "m"', quantity(measurement), IN_RANGE, by("meter", "phase", every=every, fill="none")
    )


def power_means(direction: Direction, every: str, where: str = IN_RANGE) -> str:
    """The means "m" of the total active power over `every`, empty buckets left out."""
    return select('mean("value") AS "m"', power(direction), where, by("meter", every=every, fill="none"))


def hours(direction: Direction, where: str = IN_RANGE) -> str:
    """The energy "e" (Wh) of each hour from the counter, labelled hh:00:15.

    The 15 s let a counter of hh:00 that is sent at hh:00:10 (an hourly Norwegian list) end its own hour. A gap's
    energy is spread over its hours, for without that all of it would stand in the hour after. A counter that starts
    anew loses one step.
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
    """`what` of the hours inside the range, by `tags` and, where given, over `every`."""
    grouped = [by(*tags, every=every, fill="none" if every else "", zone=zone)] if tags or every else []
    return select(what, over(hours(direction, where)), "WHERE $timeFilter", *grouped)


def base_load(grouped: str, where: str = IN_RANGE, *also: str) -> str:
    """What 80 % of the 10-minute means of the import exceed.

    Ten minutes in which the import was once 0 are left out: there solar panels hide the load. Not the lowest mean, for
    at dawn and dusk the panels hide a part; not that of the night, for then cars are charged.
    """
    inner = select('mean("value") AS "m", min("value") AS "least"', power("import"), where)
    of_ten_minutes = f"{inner} {by('meter', every='10m', fill='none')}"
    wanted = ", ".join(('percentile("m", 20) AS "base"', *also))
    return select(wanted, over(of_ten_minutes), 'WHERE "least" > 0', grouped)
