"""Registers that a database gives back: its tables in CSV, annotated or not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hanlogger.archive.influx_registers import read_table
from hanlogger.errors import WriteUnavailable
from hanlogger.intervals.levels import Level

FOUND = ",result,table,_time,_value,direction\r\n,_result,0,1970-01-01T00:00:01Z,12.5,import\r\n"


def test_each_row_is_a_level_of_its_direction() -> None:
    other = ",result,table,direction,_value,_time\r\n,_result,1,export,3,1970-01-01T00:00:02Z\r\n"
    levels = read_table([*FOUND.splitlines(), "", *other.splitlines()])
    assert levels == {0: [Level(1000, Decimal("12.5"))], 1: [Level(2000, Decimal(3))]}


@pytest.mark.parametrize("before", ["", FOUND + "\r\n"])
def test_a_query_that_fails_once_its_answer_has_begun_is_no_end_of_the_data(before: str) -> None:
    broken = f"{before},error,reference\r\n,memory allocation limit reached,897\r\n"
    with pytest.raises(WriteUnavailable, match="ends its answer with an error: memory allocation limit reached"):
        read_table(broken.splitlines())
