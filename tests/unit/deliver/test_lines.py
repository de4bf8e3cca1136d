"""The lines of a record stay together until a limit falls between them."""

from __future__ import annotations

import pytest

from hanlogger.deliver.lines import Line, count, join, separate, take

THREE = Line(1, b"a value=1 1\nb value=2 1\nc value=3 1\n", 3)
TWO = Line(2, b"a value=4 2\nb value=5 2\n", 2)


@pytest.mark.parametrize("most", range(1, 7))
def test_as_many_lines_are_taken_as_are_asked_for_and_none_is_lost(most: int) -> None:
    first, rest = take([THREE, TWO], most)
    assert count(first) == min(most, 5)
    assert join(first) + join(rest) == join([THREE, TWO])
    assert [line.record_id for line in separate([*first, *rest])] == [1, 1, 1, 2, 2]


def test_a_record_is_cut_only_where_the_limit_falls_into_it() -> None:
    assert take([THREE, TWO], 5) == ([THREE, TWO], ())
    assert take([THREE, TWO], 3) == ([THREE], separate([TWO]))
