"""The real program with a journal that gets damaged: it goes on recording, and delivers what can be read of the old.

What is carried over, page by page, is proved in tests/unit/journal/salvage/test_carrying.py.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.logger import logger
from tests.support.ports import bridge
from tests.support.sending import Meter, delivered, expected, recorded, stored, to
from tests.support.servers import Bucket
from tests.support.waiting import until

PAGE = 4096


def spoil(path: Path, frame: bytes) -> None:
    """The page in which a frame stands becomes what nobody has written."""
    at = path.read_bytes().index(frame)
    with path.open("r+b") as file:
        file.seek(at // PAGE * PAGE)
        file.write(bytes(range(256)) * (PAGE // 256))


def test_a_damaged_journal_costs_what_stood_on_the_damaged_page(bucket: Bucket, tmp_path: Path) -> None:
    token, path, meter = tmp_path / "token", tmp_path / "journal.sqlite3", Meter(pause=0.002)
    token.write_text(bucket.token("write"))
    token.chmod(0o600)
    nowhere = to("http://127.0.0.1:9", token, path)
    environ = {**to(bucket.server.url, token, path), "HANLOGGER_INFLUXDB_BUCKET": bucket.name}
    with bridge(meter.serve) as port:
        with logger(tmp_path, "--port", port.url, environ=nowhere) as running:
            until(lambda: running.frames("home") > 300)
            assert running.stop() == 0
        before = recorded(path)
        spoil(path, before[len(before) // 2])
        with logger(tmp_path, "--port", port.url, environ=environ) as running:
            until(lambda: "are carried over" in running.log)
            until(lambda: len(recorded(path)) > len(before) + 50, "it goes on recording")
            meter.silent.set()
            until(lambda: recorded(path)[-1] == meter.sent[-1], "the last one is recorded")
            until(lambda: delivered(path, running), "all is delivered")
            assert running.stop() == 0
    kept = [frame for frame in recorded(path) if frame]  # one that could not be read is listed, without its octets
    lost = set(before) - set(kept)
    assert len(lost) < 20
    assert len(list(tmp_path.glob("journal.sqlite3.corrupt-*"))) >= 1
    assert stored(bucket) == expected(kept)
