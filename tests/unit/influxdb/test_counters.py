"""What a VictoriaMetrics has dropped, by its own counters, and what a vminsert still holds."""

from __future__ import annotations

from hanlogger.influxdb.counters import add_up, read_counters

METRICS = 'vm_app_uptime_seconds %d\nvm_rows_ignored_total{reason="big_timestamp"} %d\n'


def test_a_counter_that_began_anew_counts_from_nothing() -> None:
    before, after = read_counters(METRICS % (5, 7)), read_counters(METRICS % (1, 2))
    assert after.count_dropped_since(before) == {"big_timestamp": 2}
    assert before.count_dropped_since(before) == {}
    assert read_counters(METRICS % (6, 9)).count_dropped_since(before) == {"big_timestamp": 2}


def test_several_processes_have_counted_anew_once_each_of_them_has() -> None:
    first, second = (read_counters(METRICS % (uptime, 0)) for uptime in (1, 2))
    seen = add_up([first, first])
    assert not add_up([second, first]).is_after(seen)
    assert add_up([second, second]).is_after(seen)
