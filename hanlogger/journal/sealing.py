"""A checksum of its own for each row: SQLite has none over its pages, and memory cards turn bits.

A row is intact when its `crc` is the CRC-32 of its other cells. NULL stands in rows of version 1, which are believed
until they get theirs.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from zlib import crc32

SEALED = {
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
}
"""By table, the columns that its checksum covers: all but ids that nothing but their uniqueness depends on."""

BROKEN = -1
"""The checksum of a row that is known to be damaged: no CRC-32 is negative."""


def prepare(connection: sqlite3.Connection) -> None:
    """Teach a connection the SQL function `checksum`, and to read texts that are no UTF-8 any more."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")


def checksum(*cells: bytes | None) -> int:
    """The CRC-32 of a row's cells, each as octets with their number before them."""
    return crc32(b"".join(b"-" if cell is None else b"%d:%b" % (len(cell), cell) for cell in cells))


def checksum_of(table: str, **changed: str) -> str:
    """SQL of the checksum of a row; changed: by column, SQL of what stands in its place."""
    cells = (changed.get(column, f"{table}.{column}") for column in SEALED[table])
    return f"checksum({', '.join(f'CAST({cell} AS BLOB)' for cell in cells)})"


def intact(table: str) -> str:
    """SQL of the condition that a row is what was written."""
    return f"({table}.crc IS NULL OR {table}.crc = {checksum_of(table)})"


def insert(table: str, verb: str = "INSERT") -> str:
    """SQL that adds a row with its checksum; the parameters are the columns of SEALED."""
    columns = SEALED[table]
    marks = {column: f"?{number}" for number, column in enumerate(columns, 1)}
    values = f"{', '.join(marks.values())}, {checksum_of(table, **marks)}"
    return f"{verb} INTO {table} ({', '.join(columns)}, crc) VALUES ({values})"
