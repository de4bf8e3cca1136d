"""Journals as earlier versions wrote them, and a version that is still to come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hanlogger.journal import schema

FIXTURES = Path(__file__).parents[1] / "fixtures" / "journals"
NEXT = """
CREATE TABLE note (
  record INTEGER PRIMARY KEY,
  text TEXT NOT NULL
);
ALTER TABLE record ADD COLUMN quality INTEGER;
INSERT INTO note SELECT id, 'old' FROM record;
"""
"""What the next version may do to the tables."""


def made_by(number: int, path: Path) -> None:
    """A journal as that version wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((FIXTURES / f"v{number}.sql").read_text())


@contextmanager
def next_version(script: str = NEXT) -> Iterator[None]:
    """Within it this program is the next version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, script))
        yield
