"""The demo port: a simulated meter writes telegrams into a pseudo-terminal, which is read like any other device."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime

from hanlogger.errors import SourceError
from hanlogger.model import Chunk
from hanlogger.sources.port import Port, SimulatedMeter
from hanlogger.sources.serial_port import Device


class Demo:
    """A pseudo-terminal, with a thread that writes the simulated meter's telegrams into its other end."""

    def __init__(self, port: Port) -> None:
        """Open the pseudo-terminal and let the meter send; SourceError where there is none of either."""
        if port.simulated is None:
            raise SourceError(f"{port.url} has no simulated meter behind it")
        self._meter_end, line_end = os.openpty()
        try:
            self._device = Device(replace(port, url=os.ttyname(line_end)))
        except BaseException:
            os.close(self._meter_end)
            raise
        finally:
            os.close(line_end)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send, args=(port.simulated,), name="demo meter", daemon=True)
        self._thread.start()

    def read(self, timeout: float) -> Chunk:
        """Return what the pseudo-terminal has given, as `Source.read` does."""
        return self._device.read(timeout)

    def close(self) -> None:
        """Stop the meter and close both ends of the pseudo-terminal. Never raises."""
        self._stopped.set()
        self._device.close()
        self._thread.join()
        os.close(self._meter_end)

    def _send(self, meter: SimulatedMeter) -> None:
        """Write a telegram at once, and then one each interval, until the port is closed."""
        with contextlib.suppress(OSError):  # the pseudo-terminal was closed
            while not self._stopped.is_set():
                os.write(self._meter_end, meter.make_telegram(datetime.now(UTC)))
                self._stopped.wait(meter.interval.total_seconds())
