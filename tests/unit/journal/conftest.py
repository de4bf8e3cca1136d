"""Folders with journals that a process has left; a test takes a copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.damaged_journals import NAME, NOISE, WRITE_AND_DIE, call


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: one page of the journal is noise, and half of its records stand in its log."""
    path = tmp_path_factory.mktemp("damaged") / NAME
    assert call(WRITE_AND_DIE, path).returncode == 0
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'refused'").fetchone()
    with path.open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(NOISE)
    assert path.with_name(f"{NAME}-wal").stat().st_size > 0
    return path.parent


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a journal of the version before."""
    path = tmp_path_factory.mktemp("old") / NAME
    assert call(WRITE_AND_DIE, path).returncode == 0
    return path.parent
