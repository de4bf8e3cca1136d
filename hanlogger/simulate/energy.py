"""Energy as an exact sum of power times time, and the counters that show it."""

from __future__ import annotations

from typing import NamedTuple

HOUR = 3_600_000  # ms; also: a watt-hour in watt-milliseconds


class Counters(NamedTuple):
    """Watt-hours and var-hours, whole, as a meter shows them; the active ones also by tariff (1, 2)."""

    active_import: int
    active_export: int
    reactive_import: int
    reactive_export: int
    import_by_tariff: tuple[int, int]
    export_by_tariff: tuple[int, int]


class Sums(NamedTuple):
    """Energies in watt-milliseconds."""

    imported: tuple[int, int]  # by tariff
    exported: tuple[int, int]
    inductive: int
    capacitive: int

    @classmethod
    def of_totals(cls, imported: int, exported: int, inductive: int, capacitive: int) -> Sums:
        """Whole watt-hours and var-hours, all of them counted under the first tariff."""
        return cls((imported * HOUR, 0), (exported * HOUR, 0), inductive * HOUR, capacitive * HOUR)

    def plus(self, active: int, reactive: int, tariff: int, milliseconds: int) -> Sums:
        """With a net power (W, var; negative: fed in) over a time added."""
        taken, given = max(0, active) * milliseconds, max(0, -active) * milliseconds
        first = tariff == 1
        return Sums(
            (self.imported[0] + taken * first, self.imported[1] + taken * (not first)),
            (self.exported[0] + given * first, self.exported[1] + given * (not first)),
            self.inductive + max(0, reactive) * milliseconds,
            self.capacitive + max(0, -reactive) * milliseconds,
        )

    def counters(self) -> Counters:
        """What the meter shows; the rest of a watt-hour stays here."""
        imported, exported = ((one // HOUR, two // HOUR) for one, two in (self.imported, self.exported))
        return Counters(
            active_import=sum(self.imported) // HOUR,
            active_export=sum(self.exported) // HOUR,
            reactive_import=self.inductive // HOUR,
            reactive_export=self.capacitive // HOUR,
            import_by_tariff=imported,
            export_by_tariff=exported,
        )
