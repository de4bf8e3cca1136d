"""The demo port: a simulated meter writes Swedish telegrams into a pseudo-terminal, which is read like any device."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hanlogger.model import Chunk
from hanlogger.simulate import DIALECTS, House
from hanlogger.sources.port import Opening, Port
from hanlogger.sources.serial_port import Device

DIALECT = "p1-sagemcom"
SEED = 1
INTERVAL = timedelta(seconds=5)


class Demo:
    """A house that does not exist, on a line that does."""

    def __init__(self, port: Port) -> None:
        """SourceError when there is no pseudo-terminal to be had."""
        self._meter_end, line_end = os.openpty()
        try:
            self._device = Device(replace(port, url=os.ttyname(line_end)))
        except BaseException:
            os.close(self._meter_end)
            raise
        finally:
            os.close(line_end)
        self._opening = port.opening or Opening(datetime.now(UTC))
        self._stopped = threading.Event()
        self._meter = threading.Thread(target=self._send, name="demo meter", daemon=True)
        self._meter.start()

    def read(self, timeout: float) -> Chunk:
        """As any device."""
        return self._device.read(timeout)

    def close(self) -> None:
        """Never raises."""
        self._stopped.set()
        self._device.close()
        self._meter.join()
        os.close(self._meter_end)

    def _send(self) -> None:
        """A telegram at once and then each interval."""
        begin = self._opening.at
        house = House(SEED, begin, INTERVAL, self._opening.counted)
        encode = DIALECTS[DIALECT].pushes[-1].encode
        with contextlib.suppress(OSError):  # the line was closed
            while not self._stopped.is_set():
                os.write(self._meter_end, encode(house.at(max(begin, datetime.now(UTC)))))  # a clock may be set back
                self._stopped.wait(INTERVAL.total_seconds())
