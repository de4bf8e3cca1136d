"""Collect the records that go in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from hanlogger.deliver.drafts import Draft
from hanlogger.deliver.lines import Line, count
from hanlogger.journal import Observation, Outcome, Record, Refusal


class Batch(NamedTuple):
    """All that is to be delivered up to the record with the id `up_to`."""

    up_to: int
    drafts: Sequence[Draft]

    @property
    def lines(self) -> list[Line]:
        """All lines, in the order of the records."""
        return [line for draft in self.drafts for line in draft.lines]

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What was noticed in the frames, to be counted with them."""
        return tuple(draft.observation for draft in self.drafts if draft.observation is not None)

    def make_outcome(self, refusals: Iterable[Refusal] = ()) -> Outcome:
        """Return what became of the records, once every line is in the database or among the refusals."""
        undecoded = tuple(draft.undecoded for draft in self.drafts if draft.undecoded is not None)
        return Outcome(self.up_to, tuple(refusals), undecoded, self.observations)


def fill_batch(draft: Callable[[Record], Draft], records: Iterable[Record], most_lines: int) -> Batch:
    """Return a batch of the first records, as many as fit into `most_lines`; at least one, whatever its size.

    A record is not drafted where one as large as that before it would not fit: it would most often be drafted twice.
    """
    drafts: list[Draft] = []
    lines = 0
    for record in records:
        if drafts and lines + count(drafts[-1].lines) > most_lines:
            break
        made = draft(record)
        lines += count(made.lines)
        if drafts and lines > most_lines:
            break
        drafts.append(made)
    return Batch(drafts[-1].record_id, drafts)
