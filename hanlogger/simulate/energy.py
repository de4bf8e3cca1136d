"""Energy as an exact sum of power times time, and the counters of a meter that show it."""

from __future__ import annotations

from typing import NamedTuple

HOUR = 3_600_000  # ms; also: a watt-hour in watt-milliseconds


class Counters(NamedTuple):
    """The counters that a meter shows, in whole Wh and varh; active energy also by tariff (1, 2)."""

    active_import: int
    active_export: int
    reactive_import: int
    reactive_export: int
    import_by_tariff: tuple[int, int]
    export_by_tariff: tuple[int, int]


class Sums(NamedTuple):
    """Sums of energy in watt-milliseconds and var-milliseconds."""

    imported: tuple[int, int]  # by tariff
    exported: tuple[int, int]
    inductive: int
    capacitive: int

    @classmethod
    def of_totals(cls, imported: int, exported: int, inductive: int, capacitive: int) -> Sums:
        """Return sums of whole watt-hours and var-hours, all of them under the first tariff."""
        return cls((imported * HOUR, 0), (exported * HOUR, 0), inductive * HOUR, capacitive * HOUR)

    def add(self, active: int, reactive: int, tariff: int, milliseconds: int) -> Sums:
        """Return the sums after a net power (W, var; negative: fed in) has flowed for some milliseconds."""
        imported, exported, inductive, capacitive = self
        energy, idle = active * milliseconds, reactive * milliseconds
        if energy > 0:
            imported = _add(imported, tariff, energy)
        else:
            exported = _add(exported, tariff, -energy)
        if idle > 0:
            inductive += idle
        else:
            capacitive -= idle
        return Sums(imported, exported, inductive, capacitive)

    def compute_counters(self) -> Counters:
        """Return what the meter shows; the part of a watt-hour that is not full yet is left out."""
        (taken_1, taken_2), (given_1, given_2), inductive, capacitive = self
        return Counters(
            (taken_1 + taken_2) // HOUR,
            (given_1 + given_2) // HOUR,
            inductive // HOUR,
            capacitive // HOUR,
            (taken_1 // HOUR, taken_2 // HOUR),
            (given_1 // HOUR, given_2 // HOUR),
        )


def _add(by_tariff: tuple[int, int], tariff: int, energy: int) -> tuple[int, int]:
    one, two = by_tariff
    return (one + energy, two) if tariff == 1 else (one, two + energy)
