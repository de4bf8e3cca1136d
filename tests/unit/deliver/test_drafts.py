"""What becomes of a record, by a template or by what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.deliver.drafts import Drafter
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.journals import SECOND, START
from tests.support.octets import telegram


def test_an_impossible_clock_in_a_known_shape_is_told_of_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        for number, clock in enumerate(("260101010000", "260101010001", "262501010002")):
            rows = (f"0-0:1.0.0({clock}W)", f"1-0:1.8.0({number:08}.000*kWh)", "1-0:91.7.0(1*V)")
            journal.records.append([Entry(Frame("p1", telegram(*rows), START + number * SECOND), Meter("shaped"))])
        drafter = Drafter(journal.records.get_previous, {}, "test")
        notes = [drafter.draft(record).observation for record in journal.records.read_after(0, 9)]
    assert [note and note.counts for note in notes] == [(), (), ("clock_impossible",)]
    assert [record.message for record in caplog.records if "impossible time" in record.message]
