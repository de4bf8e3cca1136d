"""Flags with which a VictoriaMetrics loses points, or stores them twice."""

from __future__ import annotations

import pytest

from hanlogger.influxdb.counters import Role
from hanlogger.influxdb.flags import describe_flags, read_copies, read_flags


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


@pytest.mark.parametrize(
    ("role", "flags", "wrong"),
    [
        ("vmstorage", '-retentionPeriod="100y"\n-dedup.minScrapeInterval="1ms"\n', ""),
        ("vmstorage", '-dedup.minScrapeInterval="1ms"\n', "the vmstorage at http://h drops what is older"),
        ("vminsert", '-storageNode="x"\n', ""),
        ("vminsert", '-dropSamplesOnOverload="false"\n', ""),
        ("vminsert", '-dropSamplesOnOverload="true"\n', "start it without -dropSamplesOnOverload"),
        ("vmselect", '-dedup.minScrapeInterval="1ms"\n', ""),
        ("vmselect", '-storageNode="x"\n', "the vmselect at http://h keeps a point twice"),
    ],
)
def test_each_process_of_a_cluster_is_judged_by_flags_of_its_own(role: Role, flags: str, wrong: str) -> None:
    told = describe_flags(flags, "http://h", role)
    assert wrong in told
    assert bool(wrong) == bool(told)


@pytest.mark.parametrize(("interval", "well"), [("5s", True), ("2s", True), ("500ms", True), ("5.5s", False)])
def test_a_database_that_keeps_points_in_memory_for_long_is_told(interval: str, *, well: bool) -> None:
    flags = f'-retentionPeriod="100y"\n-dedup.minScrapeInterval="1ms"\n-inmemoryDataFlushInterval="{interval}"\n'
    assert bool(describe_flags(flags, "http://h")) == (not well)
    assert bool(describe_flags(flags.replace(interval, "1m0s"), "http://h"))


def test_a_vminsert_sends_each_row_once_unless_it_is_told_otherwise() -> None:
    assert [read_copies(read_flags(flags)) for flags in ("", '-replicationFactor="2"\n')] == [1, 2]
