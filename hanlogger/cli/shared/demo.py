"""The simulated meter of the demo, for commands that open a port themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hanlogger.sources import Port


def with_demo_meter(port: Port) -> Port:
    """Return the demo's port with its simulated meter; any other port as it is."""
    if port.scheme != "demo":
        return port
    from hanlogger.simulate import DemoMeter  # noqa: PLC0415 no other port needs the simulator

    return replace(port, simulated=DemoMeter(datetime.now(UTC)))
