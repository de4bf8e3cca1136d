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

    def plus(self, active: int, reactive: int, tariff: int, milliseconds: int) -> Sums:
        """Return the sums after a net power (W, var; negative: fed in) has flowed for some milliseconds."""
        taken, given = max(0, active) * milliseconds, max(0, -active) * milliseconds
        first = tariff == 1
        return Sums(
            (self.imported[0] + taken * first, self.imported[1] + taken * (not first)),
            (self.exported[0] + given * first, self.exported[1] + given * (not first)),
            self.inductive + max(0, reactive) * milliseconds,
            self.capacitive + max(0, -reactive) * milliseconds,
        )

    def counters(self) -> Counters:
        """Return what the meter shows; the part of a watt-hour that is not full yet is left out."""
        imported, exported = ((one // HOUR, two // HOUR) for one, two in (self.imported, self.exported))
        return Counters(
            active_import=sum(self.imported) // HOUR,
            active_export=sum(self.exported) // HOUR,
            reactive_import=self.inductive // HOUR,
            reactive_export=self.capacitive // HOUR,
            import_by_tariff=imported,
            export_by_tariff=exported,
        )
