"""How many records go in a request."""

from __future__ import annotations

import pytest

from hanlogger.deliver.batch import fill_batch
from hanlogger.deliver.drafts import Draft
from hanlogger.deliver.lines import Line
from hanlogger.journal import Journal, Record
from tests.support.delivering import record


@pytest.mark.parametrize(
    ("lines", "taken", "drafted"),
    [
        ((30, 30, 30), 3, 3),
        ((50, 50, 1), 2, 2),  # exactly full
        ((60, 60, 60), 1, 1),  # the second is not drafted in vain
        ((30, 60, 5), 2, 2),  # the third would fit, and goes in the next request
        ((30, 80, 5), 1, 2),
        ((200, 5, 5), 1, 1),  # larger than a request, and yet it goes
    ],
)
def test_a_request_takes_the_records_that_fit_and_drafts_few_in_vain(
    journal: Journal, lines: tuple[int, ...], taken: int, drafted: int
) -> None:
    record(journal, *range(len(lines)))
    seen: list[int] = []

    def draft(each: Record) -> Draft:
        seen.append(each.id)
        return Draft(each.id, (Line(each.id, b"", lines[len(seen) - 1]),))

    batch = fill_batch(draft, journal.records.read_after(0, 9), 100)
    assert [each.record_id for each in batch.drafts] == seen[:taken]
    assert len(seen) == drafted
