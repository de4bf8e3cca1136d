"""A write that fails is for want of space only where the disk takes no more: for any other nothing is deleted."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import sqlite


def failed_write(name: str = "SQLITE_IOERR_WRITE") -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return error


@contextmanager
def limited(octets: int) -> Iterator[None]:
    """No file of this process may grow beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(bytes(8192))
    return path


@pytest.mark.parametrize("name", ["SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"])
def test_a_fault_of_the_disk_is_no_full_disk(path: Path, name: str) -> None:
    error = sqlite.translate_error(failed_write(name), path)
    assert isinstance(error, JournalUnavailable)
    assert not error.full
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("octets", [8192, 8192 + 4096])
def test_a_limit_on_the_size_of_a_file_is_one(path: Path, octets: int) -> None:
    with limited(octets):
        error = sqlite.translate_error(failed_write(), path)
    assert isinstance(error, JournalUnavailable)
    assert error.full


def test_a_full_disk_is_one(path: Path) -> None:
    error = sqlite.translate_error(failed_write("SQLITE_FULL"), path)
    assert isinstance(error, JournalUnavailable)
    assert error.full
