"""Flags with which a VictoriaMetrics loses points, or stores them twice."""

from __future__ import annotations

import pytest

from hanlogger.influxdb.flags import describe_flags


@pytest.mark.parametrize(
    ("flags", "wrong"),
    [
        ('-retentionPeriod="100y"\n-dedup.minScrapeInterval="1ms"\n', ""),
        ('-retentionPeriod="10y"\n-dedup.minScrapeInterval="10s"\n', ""),
        ('-retentionPeriod="120"\n-dedup.minScrapeInterval="1ms"\n', ""),
        ('-retentionPeriod="1y"\n-dedup.minScrapeInterval="1ms"\n', "-retentionPeriod=1y"),
        ('-retentionPeriod="1d"\n-dedup.minScrapeInterval="1ms"\n', "-retentionPeriod=1d"),
        ('-retentionPeriod="100y"\n-dedup.minScrapeInterval="0s"\n', "sent twice"),
        ('-dedup.minScrapeInterval="1ms"\n', "-retentionPeriod=1:"),
        ('-storageDataPath="x"\n', "-retentionPeriod=1:"),
        ("<html>", "does not tell its flags"),
        ("", "does not tell its flags"),
    ],
)
def test_flags_that_lose_or_double_points_are_named(flags: str, wrong: str) -> None:
    told = describe_flags(flags, "http://h")
    assert wrong in told
    assert bool(wrong) == bool(told)
