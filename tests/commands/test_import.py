"""`hanlogger import` of files, as a user calls it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hanlogger.archive.importing import BATCH
from hanlogger.cli import app
from hanlogger.journal import Journal
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from tests.support.octets import telegram

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
MANY = BATCH + 20


def message(number: int) -> bytes:
    return telegram(f"1-0:2.7.0({number}*W)")


def capture_of(numbers: Sequence[int]) -> str:
    text = io.StringIO()
    writer = Writer(text, {})
    for number in numbers:
        writer.write(Chunk(message(number), START + timedelta(seconds=number)))
    return text.getvalue()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def run(journal: Path, content: str | bytes) -> Result:
    file = journal.with_name("recorded")
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return CliRunner().invoke(app, ["import", str(file)], env={"HANLOGGER_JOURNAL": str(journal), "COLUMNS": "200"})


def kept(journal: Path) -> list[tuple[datetime, bytes]]:
    with Journal.open(journal, read_only=True) as opened:
        return [(record.received_at, record.data) for record in opened.records.read_frames()]


def count(journal: Path) -> dict[str, int]:
    with Journal.open(journal, read_only=True) as opened:
        return opened.counters.get_all()["home"]


def sent(number: int) -> tuple[datetime, bytes]:
    return START + timedelta(seconds=number), message(number).rstrip()


def test_of_a_capture_that_was_cut_off_all_that_was_whole_is_taken_in_and_the_rest_from_a_whole_one(
    journal: Path,
) -> None:
    whole = capture_of(range(MANY))
    done = run(journal, whole.rstrip()[:-3])
    assert done.exit_code == 1
    assert f"{MANY - 1} telegrams of home taken in\n" in done.stderr
    assert "the capture was cut off within this read; all before it is taken in" in done.stderr
    assert kept(journal) == [sent(number) for number in range(MANY - 1)]
    done = run(journal, whole)
    assert done.exit_code == 0
    assert f"1 telegram of home taken in, {MANY - 1} were there already\n" in done.stderr
    assert kept(journal) == [sent(number) for number in range(MANY)]
    assert count(journal)["frames"] == MANY


def test_what_stands_before_damage_is_taken_in_and_the_damage_is_named(journal: Path) -> None:
    done = run(journal, capture_of(range(MANY)).replace(f"({MANY - 10}*W)", f"({MANY - 10}*W", 1))
    assert done.exit_code != 0
    assert f"{BATCH} telegrams of home taken in" in done.stderr
    assert len(kept(journal)) == BATCH
    assert "it was altered on its way here" in str(done.exception) + done.stderr


def test_damaged_telegrams_and_those_older_than_is_kept_are_told(journal: Path) -> None:
    text = capture_of([-40 * 24 * 3600, *range(BATCH), BATCH + 5])
    done = run(journal, text + "\n@2026-01-14T14:04:10Z 10 text /TST5\\r\\n\\r\\n1\n" + capture_of([BATCH + 6]))
    assert f"{BATCH + 3} telegrams of home taken in, 1 is damaged" in done.stderr
    assert "some are older than keep" in done.stderr
    assert count(journal)["frames"] == BATCH + 3


@pytest.mark.parametrize("content", [b"", b"# hanlogger capture 1\n", b"nothing that a meter sends", bytes(2_000_000)])
def test_a_file_without_a_message_is_said_to_be_so_and_makes_no_journal(journal: Path, content: bytes) -> None:
    done = run(journal, content)
    assert "found no message" in str(done.exception) + done.stderr
    assert not journal.exists()


def test_of_many_telegrams_in_one_read_each_is_known_the_next_time(journal: Path) -> None:
    text = io.StringIO()
    Writer(text, {}).write(Chunk(b"".join(message(number) for number in range(50)), START))
    assert run(journal, text.getvalue()).exit_code == 0
    assert run(journal, text.getvalue()).exit_code == 0
    assert [data for _, data in kept(journal)] == [message(number).rstrip() for number in range(50)]


def test_octets_without_arrival_times_are_all_taken_in(journal: Path) -> None:
    done = run(journal, message(1) * (BATCH + 1))
    assert done.exit_code == 0
    assert len(kept(journal)) == BATCH + 1
