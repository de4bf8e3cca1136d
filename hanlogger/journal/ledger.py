"""Counters that never reset, what was learnt about devices, and the last damaged octets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from hanlogger.journal.kinds import Damaged, from_ms
from hanlogger.journal.sealing import insert, intact
from hanlogger.journal.store import Store

_COUNTERS = f"SELECT meter, name, value FROM counter WHERE {intact('counter')}"  # noqa: S608 constants
_DAMAGED = f"""
SELECT meter, received_at, format, reason, data FROM damaged WHERE {intact("damaged")} ORDER BY id
"""  # noqa: S608 constants
_LEARNT = f"SELECT json FROM learnt WHERE device = ? AND {intact('learnt')}"  # noqa: S608 constants
_LEARN = insert("learnt", "INSERT OR REPLACE")


class Ledger(Store):
    """Beside the records."""

    def count(self, meter: str, name: str, by: int = 1) -> None:
        """Raise a counter of a meter. Never waits, never fails; on the disk within about a second."""
        self._pending.count(meter, name, by)

    def counters(self) -> dict[str, dict[str, int]]:
        """By meter and name, what has been counted since the journal was made."""
        counters: dict[str, dict[str, int]] = {}
        for meter, name, value in self._read(self._counted):
            names = counters.setdefault(meter, {})
            names[name] = names.get(name, 0) + value
        return counters

    def _counted(self, connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
        with self._pending.settling:
            rows = connection.execute(_COUNTERS).fetchall()
            return [*rows, *((meter, name, by) for (meter, name), by in self._pending.counts().items())]

    def keep_damaged(self, damaged: Damaged) -> None:
        """Keep the last of them for reports. Never waits, never fails."""
        self._pending.keep(damaged)

    def damaged(self) -> list[Damaged]:
        """The last damaged octets of each meter, oldest first."""
        rows = self._read(lambda c: c.execute(_DAMAGED).fetchall())
        return [Damaged(meter, from_ms(at), form, reason, data) for meter, at, form, reason, data in rows]

    def learn(self, device: str, settings: Mapping[str, str]) -> None:
        """Remember what was found out about a device, in place of what was known."""
        row = (device, json.dumps(dict(settings), sort_keys=True))
        self._write(lambda c: c.execute(_LEARN, row))

    def learnt(self, device: str) -> dict[str, str]:
        """What was found out about a device; empty for a new one."""
        row = self._read(lambda c: c.execute(_LEARNT, (device,)).fetchone())
        settings: dict[str, str] = json.loads(row[0]) if row else {}
        return settings

    def unlearn(self, device: str) -> None:
        """Forget what was found out about a device."""
        self._write(lambda c: c.execute("DELETE FROM learnt WHERE device = ?", (device,)))
