"""The real program on a disk that is full and gets room again: nothing recorded is lost, nothing that came is missing.

The journal's own behaviour on a full file system is proved in tests/unit/collect/test_recorder.py.
"""

from __future__ import annotations

import resource
from pathlib import Path

from tests.support.logger import Logger, logger
from tests.support.ports import bridge
from tests.support.sending import Meter, delivered, expected, recorded, stored, to
from tests.support.servers import Bucket
from tests.support.waiting import until


def limit(running: Logger, octets: int) -> None:
    """No file of the process may grow beyond that; a write that would is refused by the kernel."""
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (octets, hard))


def held(running: Logger) -> int:
    return running.state.journal.held if running.state else 0


def test_what_comes_while_the_disk_is_full_is_held_and_recorded_when_there_is_room(
    bucket: Bucket, tmp_path: Path
) -> None:
    token, path, meter = tmp_path / "token", tmp_path / "journal.sqlite3", Meter(pause=0.005)
    token.write_text(bucket.token("write"))
    token.chmod(0o600)
    environ = {**to(bucket.server.url, token, path), "HANLOGGER_INFLUXDB_BUCKET": bucket.name}
    with bridge(meter.serve) as port, logger(tmp_path, "--port", port.url, environ=environ) as running:
        until(lambda: len(recorded(path)) > 20)
        limit(running, 4096)
        until(lambda: held(running) > 100, "telegrams are held")
        assert "telegrams are held in memory" in running.log
        before = len(recorded(path))
        limit(running, resource.RLIM_INFINITY)
        until(lambda: held(running) == 0 and len(recorded(path)) > before + 100, "what was held is recorded")
        meter.silent.set()
        until(lambda: recorded(path)[-1] == meter.sent[-1], "the last one is recorded")
        until(lambda: delivered(path, running), "all is delivered")
        assert "nothing that was held is lost" in running.log
        assert running.stop() == 0
    assert recorded(path) == meter.sent
    assert stored(bucket) == expected(meter.sent)
