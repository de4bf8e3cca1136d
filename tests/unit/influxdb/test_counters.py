"""What a VictoriaMetrics has dropped, by its own counters, and what a vminsert still holds."""

from __future__ import annotations

from hanlogger.influxdb.counters import read_counters

METRICS = 'vm_app_uptime_seconds %d\nvm_rows_ignored_total{reason="big_timestamp"} %d\n'


def test_a_counter_that_began_anew_counts_from_nothing() -> None:
    before, after = read_counters(METRICS % (5, 7)), read_counters(METRICS % (1, 2))
    assert after.count_dropped_since(before) == {"big_timestamp": 2}
    assert before.count_dropped_since(before) == {}
    assert read_counters(METRICS % (6, 9)).count_dropped_since(before) == {"big_timestamp": 2}
