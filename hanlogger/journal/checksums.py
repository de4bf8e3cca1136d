"""Checksums of rows, by which turned bits are noticed.

SQLite has no checksums of its own, and memory cards turn bits. A row is intact when its `crc` is the CRC-32 of its
other cells. NULL stands in rows of version 1, which are believed until they get theirs (hanlogger.journal.mending).
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

CHECKED_COLUMNS = {
    "record": (
        *("kind", "meter", "received_at", "settings", "format"),
        *("live", "verified", "judged", "boot", "uptime", "data"),
    ),
    "settings": ("meter", "json"),
    "destination": ("name", "cursor"),
    "again": ("destination", "first_id", "last_id", "meter"),
    "refused": ("destination", "first_id", "last_id", "line", "reason", "at"),
    "undecoded": ("record", "reason", "tried_with"),
    "counter": ("meter", "name", "value"),
    "passed": ("meter", "record", "time"),
    "learnt": ("device", "json"),
    "damaged": ("meter", "received_at", "format", "reason", "data"),
    "price": ("area", "quarter", "price", "currency", "final"),
    "energy": ("meter", "direction", "quarter", "device", "known", "levels"),
}
"""By table, the columns that its checksum covers: all but ids that nothing but their uniqueness depends on."""

NO_CHECKSUM = -1
"""The checksum of a row that is known to be corrupt: no CRC-32 is negative."""


def compute_checksum(*cells: bytes | None) -> int:
    """Return the CRC-32 of a row's cells, each as octets with their number before them; SQL's `checksum`."""
    return crc32(b"".join([_NONE if cell is None else _encode_length(len(cell)) + cell for cell in cells]))


_NONE = b"-"


@lru_cache(maxsize=4096)  # the prices of a year are 35,000 rows of six cells
def _encode_length(length: int) -> bytes:
    return b"%d:" % length


def make_checksum_sql(table: str, **changed: str) -> str:
    """Return SQL of the checksum of a row; changed: by column, SQL of what stands in its place."""
    cells = (changed.get(column, f"{table}.{column}") for column in CHECKED_COLUMNS[table])
    return f"checksum({', '.join(f'CAST({cell} AS BLOB)' for cell in cells)})"


def make_intact_sql(table: str) -> str:
    """Return SQL of the condition that a row is what was written."""
    return f"({table}.crc IS NULL OR {table}.crc = {make_checksum_sql(table)})"


def make_insert_sql(table: str, verb: str = "INSERT") -> str:
    """Return SQL that inserts a row with its checksum; the parameters are the columns of CHECKED_COLUMNS."""
    columns = CHECKED_COLUMNS[table]
    marks = {column: f"?{number}" for number, column in enumerate(columns, 1)}
    values = f"{', '.join(marks.values())}, {make_checksum_sql(table, **marks)}"
    return f"{verb} INTO {table} ({', '.join(columns)}, crc) VALUES ({values})"
