"""The rows of a usual telegram, and real messages that are read from the corpus."""

from __future__ import annotations

from pathlib import Path

from tests.support.octets import telegram

ROWS = (
    "0-0:1.0.0(250114150410W)",
    "1-0:1.8.0(00001234.567*kWh)",
    "1-0:2.8.0(00000000.000*kWh)",
    "1-0:1.7.0(0001.234*kW)",
    "1-0:2.7.0(0000.000*kW)",
    "1-0:32.7.0(230.1*V)",
    "1-0:31.7.0(005.4*A)",
)


SWEDISH = telegram(*ROWS)


def octets_of(corpus: Path, name: str) -> bytes:
    """A message of the corpus that is kept as hex."""
    return bytes.fromhex((corpus / f"{name}.hex").read_text("ascii"))
