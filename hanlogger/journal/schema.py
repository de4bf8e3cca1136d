"""The journal's tables. `user_version` counts the migrations applied; they only ever go forward.

Times are milliseconds since 1970 UTC. An id of `record` is never used again (AUTOINCREMENT): cursors stand on it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from functools import lru_cache
from pathlib import Path

from hanlogger.errors import JournalUnavailable

V1 = """
CREATE TABLE settings (
  id INTEGER PRIMARY KEY,
  meter TEXT NOT NULL,
  json TEXT NOT NULL UNIQUE          -- model.Meter, no secrets
);
CREATE TABLE record (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,             -- 0 a frame, 1 a minute of the logger's health
  meter TEXT NOT NULL,               -- '' a health record about no meter
  received_at INTEGER NOT NULL,
  settings INTEGER REFERENCES settings (id),
  format TEXT NOT NULL,
  live INTEGER NOT NULL,
  verified INTEGER NOT NULL,
  judged INTEGER NOT NULL,
  boot TEXT,                         -- of the host, while its clock was not known to be set:
  uptime INTEGER,                    -- with it the time of receipt can be told once the clock is set
  data BLOB NOT NULL                 -- last, so that the columns before it are read without it
);
CREATE UNIQUE INDEX record_time ON record (meter, kind, received_at);
CREATE INDEX record_health ON record (id) WHERE kind = 1;
CREATE INDEX record_boot ON record (boot) WHERE boot IS NOT NULL;
CREATE TABLE destination (
  name TEXT PRIMARY KEY,
  cursor INTEGER NOT NULL            -- all before it is in the database, refused, undecoded or in `again`
) WITHOUT ROWID;
CREATE TABLE again (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  meter TEXT                         -- NULL: every meter's
);
CREATE TABLE refused (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  line BLOB,                         -- NULL: the range as one
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX refused_record ON refused (first_id);
CREATE INDEX refused_range ON refused (first_id, last_id) WHERE first_id < last_id;
CREATE TABLE undecoded (
  record INTEGER PRIMARY KEY,
  reason TEXT NOT NULL,
  tried_with TEXT NOT NULL           -- stands for version and keys: with others it is worth another try
);
CREATE TABLE counter (
  meter TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (meter, name)
) WITHOUT ROWID;
CREATE TABLE passed (
  meter TEXT PRIMARY KEY,
  record INTEGER NOT NULL,           -- counted up to here
  time INTEGER                       -- of the last reading
) WITHOUT ROWID;
CREATE TABLE learnt (
  device TEXT PRIMARY KEY,
  json TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE damaged (
  id INTEGER PRIMARY KEY,
  meter TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  format TEXT NOT NULL,
  reason TEXT NOT NULL,
  data BLOB NOT NULL
);
"""

V2 = """
ALTER TABLE record ADD COLUMN crc INTEGER;
CREATE INDEX record_unsealed ON record (id) WHERE crc IS NULL;
ALTER TABLE destination ADD COLUMN crc INTEGER;
ALTER TABLE undecoded ADD COLUMN crc INTEGER;
ALTER TABLE counter ADD COLUMN crc INTEGER;
ALTER TABLE passed ADD COLUMN crc INTEGER;
ALTER TABLE learnt ADD COLUMN crc INTEGER;
ALTER TABLE damaged ADD COLUMN crc INTEGER;
CREATE TABLE settings_2 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  meter TEXT NOT NULL,
  json TEXT NOT NULL UNIQUE,         -- model.Meter, no secrets
  crc INTEGER
);
INSERT INTO settings_2 SELECT id, meter, json, NULL FROM settings;
DROP TABLE settings;
ALTER TABLE settings_2 RENAME TO settings;
CREATE TABLE again_2 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  meter TEXT,                        -- NULL: every meter's
  crc INTEGER
);
INSERT INTO again_2 SELECT id, destination, first_id, last_id, meter, NULL FROM again;
DROP TABLE again;
ALTER TABLE again_2 RENAME TO again;
CREATE TABLE refused_2 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  line BLOB,                         -- NULL: the range as one
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  crc INTEGER
);
INSERT INTO refused_2 SELECT id, destination, first_id, last_id, line, reason, at, NULL FROM refused;
DROP TABLE refused;
ALTER TABLE refused_2 RENAME TO refused;
CREATE INDEX refused_record ON refused (first_id);
CREATE INDEX refused_range ON refused (first_id, last_id) WHERE first_id < last_id;
"""
"""A checksum for each row (checksums.py); and no id is given twice, as what is in flight is known by it."""

V3 = """
CREATE TABLE energy (
  meter, direction, quarter, device, known, levels, crc, PRIMARY KEY (meter, direction, quarter, device)
) WITHOUT ROWID;
DROP INDEX record_health;
CREATE INDEX record_no_frame ON record (id) WHERE kind <> 0;
"""
"""Energy by interval, and records (of kind 2) that announce it to delivery.

direction: 0 import, 1 export. quarter: of an hour, numbered since 1970: after its beginning, up to its end. device:
stands for the meter's own number; 0 where its messages do not say it. known: 1 where the last level stands for the
border at its end. levels: by time, ms since its beginning and Wh, such as `8000 1234567;898000 1234980`.

All definitions together must fit into the first page, 4096 octets, or a salvage could not replace them.
"""

V4 = """
CREATE TABLE price (area, quarter, price, currency, final, crc, PRIMARY KEY (area, quarter)) WITHOUT ROWID;
"""
"""Spot prices, and records (of kind 3) that announce them to delivery.

quarter: of an hour, numbered since 1970, which has the price from its beginning on. price: of a kWh without value added
tax, as exact decimal digits. final: 0 where it is asked for again.
"""

V5 = """
CREATE INDEX energy_of_quarter ON energy (quarter) WHERE quarter % 96 <> 0;
"""
"""Rows of `energy` are of days: a row has the levels of all quarters of a day of UTC, and `quarter` is the first.

Rows of a quarter, of versions 3 and 4, are read all the same, and become rows of days bit by bit: the index finds them.
"""

MIGRATIONS = (V1, V2, V3, V4, V5)
"""Number n takes a journal from version n to n + 1. What has been released is never edited.

Each changes a definition: what the definitions say of the version is believed before `user_version`, where a bit turns.
"""

Definitions = frozenset[tuple[str, int, str]]
"""Of tables and indexes: name, first page, SQL with one space in the place of each run of white space."""


def migrate(connection: sqlite3.Connection, path: Path, to: int = 0) -> None:
    """Bring the tables forward to a version, 0 for the newest. Raises JournalUnavailable for a file of a newer one."""
    refuse_newer(_select_version(connection), path)
    connection.execute("BEGIN IMMEDIATE")
    version = _select_version(connection)  # another process may have been quicker
    for number, script in enumerate(MIGRATIONS[version : to or None], version + 1):
        for statement in script.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def select_definitions(connection: sqlite3.Connection) -> Definitions:
    """Return how the tables and indexes of a file are defined, without those that SQLite makes for itself."""
    rows = connection.execute("SELECT name, rootpage, sql FROM sqlite_master WHERE sql NOT NULL").fetchall()
    return frozenset((name, page, " ".join(sql.split())) for name, page, sql in rows if name != "sqlite_sequence")


def find_version(definitions: Definitions) -> int | None:
    """Return the version that defines its tables and indexes so; None where none that is known does."""
    nameless = {(name, sql) for name, _, sql in definitions}
    versions = range(1, len(MIGRATIONS) + 1)
    return next((each for each in versions if {(name, sql) for name, _, sql in define(each)} == nameless), None)


def define(version: int) -> Definitions:
    """Return how a version of a new journal defines its tables and indexes."""
    return _define(MIGRATIONS[:version])


@lru_cache
def _define(migrations: tuple[str, ...]) -> Definitions:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for statement in ";\n".join(migrations).split(";\n"):
            connection.execute(statement)
        return select_definitions(connection)


def refuse_newer(version: int, path: Path) -> None:
    """Raise JournalUnavailable for a version that only a newer hanlogger knows."""
    if version > len(MIGRATIONS):
        raise JournalUnavailable(
            f"the journal {path} was written by a newer hanlogger (its version {version}, this one knows "
            f"{len(MIGRATIONS)}); it has not been touched: update hanlogger, or name another journal"
        )


def refuse_older(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalUnavailable for a version that is to be brought forward before it can be read."""
    if _select_version(connection) < len(MIGRATIONS):
        raise JournalUnavailable(
            f"the journal {path} was written by an older hanlogger, and is brought up to date by the next "
            "`hanlogger run`: start or restart your logger"
        )


def _select_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
