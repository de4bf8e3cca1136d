"""What the points of a meter's costs are called, so that a tariff that was changed leaves no old ones behind.

A line that got another name, or a peak that no rule counts any more, would stay in a database and be counted twice. The
journal keeps the names by which a meter's costs were delivered, and the last quarter of an hour that may have been
delivered by former ones. Of names that its tariffs have no more, points of nothing are made up to that quarter wherever
costs are delivered anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hanlogger.intervals.levels import QUARTER_MS
from hanlogger.journal.model import to_ms
from hanlogger.tariffs import said
from hanlogger.tariffs.bill_lines import name_line
from hanlogger.tariffs.energy import is_export
from hanlogger.tariffs.model import Direction, PowerLine, Tariff
from hanlogger.tariffs.rates import KnownLine, list_lines, list_rates

A_DAY = timedelta(days=1)
_LAST = "last"

Name = tuple[str, ...]


class Names(NamedTuple):
    """The tags by which points of costs differ, beside time and quality."""

    lines: frozenset[Name] = frozenset()  # what energy costs: line, direction
    months: frozenset[Name] = frozenset()  # what a bill has: line
    peaks: frozenset[Name] = frozenset()  # what a fee for power is of: line, component, rank

    def add(self, other: Names) -> Names:
        """Return all names of both."""
        return Names(*(one | more for one, more in zip(self, other, strict=True)))

    def leave_out(self, other: Names) -> Names:
        """Return the names that `other` has not."""
        return Names(*(one - less for one, less in zip(self, other, strict=True)))


def list_names(tariffs: Sequence[Tariff]) -> Names:
    """Return the names of all points that tariffs make."""
    energy = frozenset((line.name, find_direction(line)) for tariff in tariffs for line in list_lines(tariff))
    others = {line.name for tariff in tariffs for lines in (tariff.fixed, tariff.power) for line in lines}
    months = frozenset((name,) for name in list_rated(tariffs, ("import", "export")) | others)
    return Names(
        energy, months, frozenset(name for tariff in tariffs for line in tariff.power for name in list_peaks(line))
    )


def list_rated(tariffs: Sequence[Tariff], directions: Collection[str]) -> set[str]:
    """Return what bills may call the energy of directions: each rate of each line, and that of gaps."""
    lines = [line for tariff in tariffs for line in list_lines(tariff) if find_direction(line) in directions]
    return {name_line(line.name, said.name_rate(line, rate)) for line in lines for rate in list_rates(line)}


def find_direction(line: KnownLine) -> Direction:
    """Return of which direction's energy a line is."""
    return "export" if is_export(line) else "import"


def list_peaks(line: PowerLine) -> Iterator[Name]:
    """Yield the name of each peak of a fee: line, component, rank."""
    for number, component in enumerate(line.components):
        yield from ((line.name, name_component(line, number), str(rank)) for rank in range(1, component.count + 1))


def name_component(line: PowerLine, number: int) -> str:
    """Return what a component of a fee is called, by its index; "" where it is the only one."""
    return (line.components[number].name or str(number + 1)) if len(line.components) > 1 else ""


def read_last_quarter(texts: Mapping[str, str]) -> int:
    """Return the number of the last quarter that may have been delivered by former names; -1 where there are none."""
    return int(texts.get(_LAST, -1))


def note_change(now: datetime) -> dict[str, str]:
    """Return, as the journal keeps it, that names may have changed: the last quarter with the former ones.

    now: by the host's clock, which a meter's may be ahead of by a day.
    """
    return {_LAST: str(to_ms(now + A_DAY) // QUARTER_MS)}


def make_tariff_key(meter: str) -> str:
    """Return the journal's key for what is known of the tariff by which a meter's costs were delivered."""
    return f"tariff of {meter}"


def to_texts(names: Names) -> dict[str, str]:
    """Return names as the journal keeps them.

    >>> to_texts(Names(months=frozenset({("Fee",)})))
    {'lines': '[]', 'months': '[["Fee"]]', 'peaks': '[]'}
    """
    return {kind: json.dumps(sorted(found)) for kind, found in names._asdict().items()}


def from_texts(texts: Mapping[str, str]) -> Names:
    """Return the names that the journal keeps; none where it has none."""
    return Names(*(_read(json.loads(texts.get(kind, "[]"))) for kind in Names._fields))


def _read(names: Iterable[Sequence[str]]) -> frozenset[Name]:
    return frozenset(tuple(name) for name in names)
