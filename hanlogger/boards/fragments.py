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
LATELY = f"{METER} AND time > now() - 7d"
INTERVAL = "$__interval"
FINE, COARSE = "$__interval_ms < 900000", "$__interval_ms >= 900000"
"""Whether a step of the graph is shorter than a quarter of an hour: the two choose between telegrams and intervals.

InfluxDB reckons such a comparison of numbers before it reads anything, so that the query not chosen costs nothing.
"""
A_WEEK = 672  # steps at most, so that steps of a quarter of an hour begin with a range of a week
KWH = 'sum("value") / 1000'
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


def means(measurement: str, every: str, *also: str) -> str:
    """Return a query of the means "m" of each phase over `every`, without empty buckets. also: further conditions."""
    where = " AND ".join((*also, IN_RANGE))
    return select('mean("value") AS "m"', quantity(measurement), where, by("meter", "phase", every=every, fill="none"))


def power_means(direction: Direction, every: str, where: str = IN_RANGE) -> str:
    """Return a query of the means "m" of the total active power over `every`, without empty buckets."""
    return select('mean("value") AS "m"', power(direction), where, by("meter", every=every, fill="none"))


def used(direction: Direction, what: str, where: str = IN_RANGE, *, grouped: str) -> str:
    """Return a query over the energy by interval (fields "value" in Wh and "seconds") of one direction.

    The sum of its three qualities is the difference of the meter's registers. No telegram is read for it.
    """
    return select(what, quantity("energy_interval"), f"\"direction\" = '{direction}' AND", where, grouped)


def measured(direction: Direction, grouped: str, what: str = KWH, where: str = IN_RANGE) -> str:
    """Return a query over the intervals of one direction that were measured from beginning to end."""
    return used(direction, what, f'"quality" = \'measured\' AND "seconds" > 0 AND {where}', grouped=grouped)


def steps(every: str, zone: str = "", *tags: str) -> str:
    """Return the GROUP BY of each meter's sums over `every`, without those that have none."""
    return by("meter", *tags, every=every, fill="none", zone=zone)


def over_gaps(every: str, zone: str = "", longest: int = 86_400) -> str:
    """Return a query of the import (kWh) over gaps of up to `longest` s, at the step in which each gap begins."""
    where = f'"quality" != \'measured\' AND "seconds" <= {longest} AND {IN_RANGE}'
    return used("import", KWH, where, grouped=steps(every, zone))


def mean_power(direction: Direction, grouped: str, sign: str = "") -> str:
    """Return a query of the mean power "m" (W) in each step of at least a quarter, from the energy by interval."""
    what = f'{sign}3600 * sum("value") / sum("seconds") AS "m"'
    return measured(direction, grouped, what, f"{COARSE} AND {IN_RANGE}")


def net_means(where: str) -> str:
    """Return a FROM clause with each meter's import "m" and, below zero, its export, as means over the steps."""
    grouped = by("meter", every=INTERVAL, fill="none")
    parts = [
        select('mean("value") AS "m"', power("import"), FINE, "AND", where, grouped),
        select('-1 * mean("value") AS "m"', power("export"), FINE, "AND", where, grouped),
        mean_power("import", grouped),
        mean_power("export", grouped, sign="-"),
    ]
    return "FROM " + ", ".join(f"({part})" for part in parts)


def signed(what: str, where: str, *grouped: str) -> str:
    """Return a FROM clause with the import as it is and the export below zero, both as "v": their sum is the net power.

    So there is a net power of a meter that has no register of what it delivers, too.
    """
    one = select(f'{what}("value") AS "v"', power("import"), where, *grouped)
    other = select(f'-1 * {what}("value") AS "v"', power("export"), where, *grouped)
    return f"FROM ({one}), ({other})"


def and_the_end(sent: str, where: str) -> str:
    """Return a FROM clause with the points "v" of the query `sent` and one of each meter at the end of the range.

    So the time since a meter's last telegram can be seen, to half a minute.
    """
    steps = select('count("value") AS "n"', power("import"), where, by("meter", every="30s", offset="now()", fill="0"))
    end = select('last("n") AS "v"', over(steps), by("meter"))
    return f"FROM ({sent}), ({end})"


def or_zero(query: str, source: str, where: str, *tags: str) -> str:
    """Return a FROM clause with the "n" of `query`, and 0 of each series of `source` that has a value.

    So 0 is shown where nothing was counted, and "no data" where nothing could be. source: FROM and WHERE.
    """
    nothing = select('0 * count("value") AS "n"', source, where, by(*tags))
    return f"FROM ({query}), ({nothing})"


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


def rise(counter: str, where: str, tag: str) -> str:
    """Return a query of how much a counter of the logger's health rises in each step of the graph."""
    return select(f'non_negative_difference(last("{counter}"))', HEALTH, where, by(tag, every=INTERVAL, fill="none"))
