"""The synthetic messages of docs/protocol.md, appendix V, and what they say by that text, not by our own output."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hanlogger.model import Key

FIXTURES = Path(__file__).parents[1] / "fixtures" / "vectors"
RECEIVED_AT = datetime(2025, 1, 14, 14, 4, 11, tzinfo=UTC)

KEY = Key(bytes(range(16)), bytes(range(0xD0, 0xE0)))


class Vector(NamedTuple):
    name: str
    format: str
    time: str | None  # the meter's clock in UTC
    rows: dict[str, str]  # OBIS code -> "value unit"
    keys: tuple[Key, ...] = ()
    verified: bool = True
    end: int = 2  # octets of the file behind the frame: a line end; of HDLC one, the closing flag

    @property
    def octets(self) -> bytes:
        return octets(self.name)


def octets(name: str) -> bytes:
    file = next(FIXTURES.glob(f"{name}.*"))
    return bytes.fromhex(file.read_text()) if file.suffix == ".hex" else file.read_bytes()


def _rows(text: str) -> dict[str, str]:
    return {code: " ".join(words) for code, *words in (line.split() for line in text.split(";"))}


SWEDISH = _rows(
    "1-0:1.8.0 1234567 Wh; 1-0:2.8.0 0 Wh; 1-0:3.8.0 7890 varh; 1-0:4.8.0 123 varh;"
    "1-0:1.7.0 1234 W; 1-0:2.7.0 0 W; 1-0:3.7.0 0 var; 1-0:4.7.0 56 var;"
    "1-0:21.7.0 401 W; 1-0:22.7.0 0 W; 1-0:41.7.0 402 W; 1-0:42.7.0 0 W; 1-0:61.7.0 431 W; 1-0:62.7.0 0 W;"
    "1-0:23.7.0 0 var; 1-0:24.7.0 18 var; 1-0:43.7.0 0 var; 1-0:44.7.0 19 var; 1-0:63.7.0 0 var; 1-0:64.7.0 19 var;"
    "1-0:32.7.0 230.1 V; 1-0:52.7.0 230.2 V; 1-0:72.7.0 230.3 V; 1-0:31.7.0 1.7 A; 1-0:51.7.0 1.7 A; 1-0:71.7.0 1.9 A"
)
BELGIAN = {
    "1-0:1.6.0": "3064 W at 2024-06-10 16:45:00",
    "0-0:98.1.0": "(2)(1-0:1.6.0)(1-0:1.6.0)(240501000000S)(240423192538S)(03.695*kW)(240601000000S)(632525252525W)"
    "(00.000*kW)",
    "1-0:99.97.0": "(1)(0-0:96.7.19)(190326095015W)(0000002014*s)",
    "0-0:96.13.0": "",
    "0-1:24.1.0": "3",
    "0-1:96.1.1": "3132333435363738",
    "0-1:24.2.3": "112.384 m3 at 2024-06-19 12:05:00",
    "1-1:31.4.0": "(100*A)(-063*A)",
}
POWERS = "1-0:1.7.0 1234 W; 1-0:2.7.0 0 W; 1-0:3.7.0 0 var; 1-0:4.7.0 56 var"
VOLTAGES = "1-0:32.7.0 230.1 V; 1-0:52.7.0 230.2 V; 1-0:72.7.0 230.3 V"

AIDON_NAMES = "1-1:0.2.129 AIDON_V0001; 0-0:96.1.0 7359990000000001; 0-0:96.1.7 6525"
AIDON_CURRENTS = "1-0:31.7.0 -1.0 A; 1-0:51.7.0 2.3 A; 1-0:71.7.0 4.5 A"
AIDON_2 = f"{AIDON_NAMES};{POWERS};{AIDON_CURRENTS};{VOLTAGES}"
AIDON_HOUR = "1-0:1.8.0 1234560 Wh; 1-0:2.8.0 0 Wh; 1-0:3.8.0 7890 varh; 1-0:4.8.0 120 varh"
AIDON_PHASES = ";".join(
    f"1-0:{c}1.7.0 {400 + n} W; 1-0:{c}2.7.0 0 W; 1-0:{c}3.7.0 0 var; 1-0:{c}4.7.0 {18 + n} var"
    for n, c in ((1, 2), (2, 4), (3, 6))
)
AIDON_SE = _rows(
    f"{POWERS};{AIDON_CURRENTS};{VOLTAGES};{AIDON_PHASES};"
    "1-0:1.8.0 1234567 Wh; 1-0:2.8.0 0 Wh; 1-0:3.8.0 7890 varh; 1-0:4.8.0 123 varh"
)

KAIFA_CURRENTS = "1-0:31.7.0 1.001 A; 1-0:51.7.0 2.302 A; 1-0:71.7.0 4.503 A"
KAIFA_HOUR = "1-0:1.8.0 1234567 Wh; 1-0:2.8.0 0 Wh; 1-0:3.8.0 789 varh; 1-0:4.8.0 12 varh"


def _kaifa(list_id: str, meter: str, kind: str, hour: str = "") -> dict[str, str]:
    names = f"{list_id} KFM_001; 0-0:96.1.0 {meter}; 0-0:96.1.7 {kind}"
    return _rows(f"{names};{POWERS};{KAIFA_CURRENTS};{VOLTAGES}" + (f";{hour}" if hour else ""))


KAMSTRUP_NAMES = "1-1:0.2.129 Kamstrup_V0001; 1-1:0.0.5 5706567000000001; 1-1:96.1.1 6841131BN243101040"
KAMSTRUP_POWERS = POWERS.replace("1-0:", "1-1:")
KAMSTRUP = (
    f"{KAMSTRUP_NAMES};{KAMSTRUP_POWERS};1-1:31.7.0 1.01 A; 1-1:51.7.0 2.30 A; 1-1:71.7.0 4.50 A;"
    "1-1:32.7.0 230 V; 1-1:52.7.0 231 V; 1-1:72.7.0 232 V"
)
KAMSTRUP_HOUR = "1-1:1.8.0 1234560 Wh; 1-1:2.8.0 0 Wh; 1-1:3.8.0 780 varh; 1-1:4.8.0 10 varh"
IN_CLEAR = {"1-0:1.7.0": "1234 W"}

VECTORS = (
    Vector("v1", "p1", None, _rows("1-0:1.7.0 1234 W")),
    Vector("v2", "p1", "2025-01-14 14:04:10", SWEDISH),
    Vector("v3", "p1", None, _rows("1-0:1.7.0 4 W")),
    Vector("v4", "p1", "2024-06-19 12:10:07", BELGIAN),
    Vector("v5", "p1", None, _rows("1.8.0 1234000 Wh"), end=0),
    Vector("v6", "hdlc", None, _rows("1-0:1.7.0 1234 W"), end=1),
    Vector("v7", "hdlc", None, _rows("1-0:1.7.0 60 W"), end=1),
    Vector("v8", "hdlc", None, _rows(AIDON_2), end=1),
    Vector("v9", "hdlc", None, _rows(AIDON_2.replace(" 1-0:51.7.0 2.3 A;", "")), end=1),
    Vector("v10", "hdlc", "2025-01-12 14:00:00", _rows(f"{AIDON_2};{AIDON_HOUR}"), end=1),
    Vector("v11", "hdlc", "2025-01-14 14:04:10", AIDON_SE, end=1),
    Vector("v12", "hdlc", "2024-07-01 10:00:10", _rows("1-0:1.7.0 1234 W"), end=1),
    Vector("v13", "hdlc", "2024-07-01 10:00:10", _kaifa("1-1:0.2.129", "6970630000000001", "MA304H3E"), end=1),
    Vector(
        "v14", "hdlc", "2024-07-01 10:00:10", _kaifa("1-1:0.2.129", "6970630000000001", "MA304H3E", KAIFA_HOUR), end=1
    ),
    Vector(
        "v15", "hdlc", "2024-07-01 11:00:10", _kaifa("1-0:0.2.129", "7340150000000001", "MA304H4", KAIFA_HOUR), end=1
    ),
    Vector(
        "v16", "hdlc", "2024-07-01 10:00:10", _kaifa("1-1:0.2.129", "7340150000000001", "MA304T4", KAIFA_HOUR), end=1
    ),
    Vector("v17", "hdlc", "2024-07-01 11:00:10", _rows(KAMSTRUP), end=1),
    Vector(
        "v18",
        "hdlc",
        "2024-07-01 11:00:10",
        _rows(f"{KAMSTRUP_NAMES};{KAMSTRUP_POWERS};1-1:31.7.0 1.01 A;1-1:32.7.0 230 V"),
        end=1,
    ),
    Vector("v19", "hdlc", "2024-07-01 11:00:05", _rows(f"{KAMSTRUP};{KAMSTRUP_HOUR}"), end=1),
    Vector("v20-plaintext", "dlms", "2024-07-01 10:00:05", IN_CLEAR, verified=False, end=0),
    Vector("v20-apdu", "dlms", "2024-07-01 10:00:05", IN_CLEAR, (KEY,), verified=False, end=0),
    Vector("v20-unauthenticated", "dlms", "2024-07-01 10:00:05", IN_CLEAR, (KEY,), verified=False, end=0),
    Vector("v20-hdlc", "hdlc", "2024-07-01 10:00:05", IN_CLEAR, (KEY,), end=1),
    Vector("v20-mbus", "mbus", "2024-07-01 10:00:05", IN_CLEAR, (KEY,), end=0),
    Vector("v21", "hdlc", "2025-01-14 14:04:10", AIDON_SE, end=1),
)
FRAMED = tuple(vector for vector in VECTORS if vector.name != "v20-plaintext")
"""All but the one that a stream could not contain: a bare notification has neither a mark nor a length."""
