"""What of a partition is acknowledged."""

from __future__ import annotations

import pytest

from hanlogger.sources.partition import Partition


@pytest.mark.parametrize(
    ("order", "then"),
    [((3, 4, 7), (4, 5, 8)), ((4, 3, 7), (None, 5, 8)), ((7, 4, 3), (None, None, 8)), ((3, 7, 4), (4, 4, 8))],
)
def test_the_group_moves_to_behind_the_last_message_before_which_none_is_missing(
    order: tuple[int, ...], then: tuple[int | None, ...]
) -> None:
    partition = Partition(0)
    partition.waiting.extend((3, 4, 7))  # a partition has gaps in its numbers
    for number, expected in zip(order, then, strict=True):
        partition.acknowledge(number)
        assert partition.next == expected
    assert (list(partition.waiting), partition.done) == ([], set())
