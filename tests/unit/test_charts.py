"""Charts: scales with round lines, areas on the right side of nought, gaps that stay empty."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.charts import SIZE, draw_area, draw_line, make_scale

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(VALUES, max_size=20))
def test_every_value_is_within_the_chart_and_nought_is_a_line(values: list[float]) -> None:
    scale = make_scale(values, 100.0)
    assert 0.0 in scale.lines
    assert all(-0.001 <= scale.place(value) <= SIZE + 0.001 for value in (0.0, *values))
    assert 2 <= len(scale.lines) <= 7


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ([3180.0], (0, 1000, 2000, 3000, 4000)),
        ([-350.0, 2970.0], (0, 1000, 2000, 3000)),
        ([-3000.0, 0.0], (-3000, -2000, -1000, 0)),
        ([], (0, 25)),
    ],
)
def test_lines_stand_at_round_values(values: list[float], lines: tuple[float, ...]) -> None:
    assert make_scale(values, 100.0).lines[: len(lines)] == lines


def test_import_is_above_nought_and_export_below() -> None:
    values = [100.0, -100.0, 50.0]
    scale = make_scale(values, 1.0)
    zero = scale.place(0.0)
    above = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", draw_area(values, scale, above=True))]
    below = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", draw_area(values, scale, above=False))]
    assert min(above) < max(above) == pytest.approx(zero, abs=0.1)
    assert max(below) > min(below) == pytest.approx(zero, abs=0.1)


@pytest.mark.parametrize(
    ("values", "left"), [([7.0, None, None, None], 0), ([None, None, 7.0, None], 542), ([None, None, None, 7.0], 750)]
)
def test_a_single_value_is_as_wide_as_its_part_and_within_the_chart(values: list[float | None], left: int) -> None:
    scale = make_scale([7.0], 1.0)
    for drawn in (draw_line(values, scale), draw_area(values, scale, above=True)):
        across = [float(x) for x, _ in re.findall(r"([\d.]+) ([\d.]+)", drawn)]
        assert (min(across), max(across)) == pytest.approx((left, left + 250), abs=1)


def test_a_gap_is_drawn_as_a_gap() -> None:
    scale = make_scale([10.0], 1.0)
    assert draw_line([10.0, 10.0, None, 10.0], scale).count("M") == 2
    assert draw_area([10.0, None, 10.0], scale, above=True).count("M") == 2
    assert draw_line([None, None], scale) == ""
