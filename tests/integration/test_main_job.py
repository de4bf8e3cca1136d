"""The main job: every good unencrypted message of the corpus, through `hanlogger run`, into a real InfluxDB.

All of them are read in one run, a meter a message, and then looked for in the database: each register with its expected
value in the base unit, under the name that design and README give it, at the expected time, and no other register.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.logger import command
from tests.support.octets import with_checksum
from tests.support.servers import Bucket

pytestmark = pytest.mark.xdist_group("main job")  # one run for all

BASE = {"kwh": 3, "kvarh": 3, "kvah": 3, "kw": 3, "kvar": 3, "kva": 3}
"""Powers of ten to the base unit; every other unit of the corpus is one."""

CLOCKS = ("0-0:1.0.0", "0-1:1.0.0", "1-0:0.9.1", "1-0:0.9.2")
DERIVED = {"1-0:16.7.0", "1-0:1.8.0", "1-0:2.8.0"}
STAMP = re.compile(r"\d{12}[SW]")

POWERS = {1: ("active_power", "import"), 2: ("active_power", "export"), 3: ("reactive_power", "import")}
POWERS |= {4: ("reactive_power", "export"), 9: ("apparent_power", "import"), 10: ("apparent_power", "export")}
ENERGIES = {1: ("active_energy", "import"), 2: ("active_energy", "export")}
ENERGIES |= {3: ("reactive_energy", "import"), 4: ("reactive_energy", "export")}
PHASES = {0: "total", 20: "L1", 40: "L2", 60: "L3"}


class Stored(NamedTuple):
    """One point in the database."""

    measurement: str
    tags: dict[str, str]
    value: Any
    time: datetime


@dataclass
class Message:
    """What a message of the corpus must have become."""

    meter: str
    registers: list[dict[str, Any]]
    time: datetime | None  # None: that of receipt, or it cannot be known
    known: bool  # False: nobody can know it
    uncoded: set[str]  # codes of texts that carry none in the message (docs/decode.md)


def messages(corpus: Path) -> Iterator[tuple[dict[str, Any], list[Message]]]:
    for file in sorted(corpus.glob("*.json")):
        about = json.loads(file.read_text(encoding="utf-8"))
        if about["encrypted"] or about["crc_ok"] is False or about.get("valid_messages") == 0:
            continue
        parts = about.get("messages") or [about]
        yield about, [message(about["name"], part) for part in parts if part["expected"]]


def message(meter: str, about: dict[str, Any]) -> Message:
    utc = about.get("timestamp_utc")
    time = datetime.fromisoformat(utc) if utc else None
    known = bool(utc or about.get("timestamp_unusable") or not about.get("timestamp"))
    registers = [row for row in about["expected"] if row.get("obis") and not row.get("obis_implied")]
    uncoded = {"1-1:0.2.129", "0-0:96.1.0", "0-0:96.1.7"} if len(registers) < len(about["expected"]) else set()
    return Message(meter, [row for row in registers if code(row) not in CLOCKS], time, known, uncoded)


def code(row: dict[str, Any]) -> str:
    return str(row["obis"]).split("*255")[0]


def prepared(corpus: Path, folder: Path) -> list[Message]:
    """A configuration that reads all of them, and what must come of it."""
    tables, wanted = [], []
    for about, parts in messages(corpus):
        file = corpus / about["file"]
        if about["format"] == "p1-lines":  # rows without a telegram around them
            text = b"/TST5\r\n\r\n" + file.read_bytes() + b"!"
            file = folder / file.name
            file.write_bytes(with_checksum(text))
        clock = about.get("clock") or "auto"
        tables.append(f'[[meter]]\nname = "{about["name"]}"\nport = "file:{file}"\nclock = "{clock}"\n')
        wanted += [] if about.get("optional") else parts
    (folder / "hanlogger.toml").write_text("\n".join(tables))
    return wanted


def stored(bucket: Bucket) -> dict[str, list[Stored]]:
    """All points of telegrams by meter."""
    points = defaultdict(list)
    for named in bucket.query("SHOW MEASUREMENTS"):
        if named["name"] == "energy_interval":
            continue
        for row in bucket.query(f'SELECT * FROM "{named["name"]}"'):
            at = datetime.fromtimestamp(row.pop("time") / 1000, UTC)
            value = row.pop("value", None)
            value = row.pop("text", None) if value is None else value
            tags = {key: tag for key, tag in row.items() if tag is not None}
            if "meter" in tags:  # the rest is about the logger
                points[tags["meter"]].append(Stored(named["name"], tags, value, at))
    return points


@pytest.fixture(scope="module")
def run(influxdb: Any, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The messages, what is stored, and when that happened."""
    folder, bucket = tmp_path_factory.mktemp("main"), influxdb.new_bucket()
    wanted = prepared(corpus, folder)
    environ = {
        "HANLOGGER_INFLUXDB_URL": influxdb.url,
        "HANLOGGER_INFLUXDB_BUCKET": bucket.name,
        "HANLOGGER_INFLUXDB_TOKEN": bucket.token("write"),
    }
    began = datetime.now(UTC)
    done = command(folder, "run", "--timeout", "600", environ=environ)
    assert done.returncode == 0, done.stderr
    return wanted, stored(bucket), began, datetime.now(UTC)


def test_the_corpus_is_worth_the_run(run: Any) -> None:
    wanted, _, _, _ = run
    assert len(wanted) >= 70
    assert sum(len(one.registers) for one in wanted) > 1000


def test_every_register_of_every_message_is_in_the_database_with_its_value_and_time(run: Any) -> None:
    wanted, points, began, ended = run
    wrong = [words for one in wanted for words in faults(one, points[one.meter], began, ended)]
    assert wrong == []


def test_no_register_is_in_the_database_that_no_message_has(run: Any) -> None:
    wanted, points, _, _ = run
    codes: dict[str, set[str]] = defaultdict(set)
    for one in wanted:
        codes[one.meter] |= {code(row) for row in one.registers} | one.uncoded
    for meter, known in codes.items():
        found = {point.tags["obis"] for point in points[meter] if "obis" in point.tags}
        assert found - known <= DERIVED, meter


def test_the_names_are_those_of_the_schema(run: Any) -> None:
    _, points, _, _ = run
    checked = 0
    for point in (point for of_meter in points.values() for point in of_meter if "obis" in point.tags):
        expected = schema(point.tags["obis"])
        if expected is not None:
            own = {key: tag for key, tag in point.tags.items() if key not in ("meter", "obis")}
            assert (point.measurement, own) == expected, point
            checked += 1
    assert checked > 500


def faults(one: Message, points: list[Stored], began: datetime, ended: datetime) -> Iterator[str]:
    for row in one.registers:
        time, value = timed(row, one.time)
        if time is IMPOSSIBLE:
            continue
        same = [point for point in points if point.tags.get("obis") == code(row) and equal(point.value, value, row)]
        if not same:
            found = [point.value for point in points if point.tags.get("obis") == code(row)]
            yield f"{one.meter} {code(row)}: wanted {value} {row['unit']}, found {found}"
        elif one.known and not any(at(point, time, began, ended) for point in same):
            yield f"{one.meter} {code(row)}: wanted at {time}, found at {[str(point.time) for point in same]}"


def at(point: Stored, time: datetime | None, began: datetime, ended: datetime) -> bool:
    """At the message's time; an energy of an hourly list at the full hour before; else when it was received."""
    if time is None:
        return began - timedelta(milliseconds=1) <= point.time <= ended
    hour = time.replace(minute=0, second=0, microsecond=0)
    return point.time in ((time, hour) if point.measurement.endswith("_energy") else (time,))


IMPOSSIBLE = datetime.max.replace(tzinfo=UTC)


def timed(row: dict[str, Any], time: datetime | None) -> tuple[datetime | None, Any]:
    """A register's time and value: `(time)(value)` has a time of its own, a row of other groups is text as sent."""
    groups = row.get("values")
    if not groups:
        return time, row["value"]
    texts = [group["value"] for group in groups]
    stamped = len(groups) == 2 and STAMP.fullmatch(texts[0])
    if not stamped and not (len(groups) == 7 and texts[5] == "m3"):
        return time, texts
    row["unit"] = groups[1]["unit"] if stamped else "m3"
    return own_time(texts[0]), texts[-1]


def own_time(stamp: str) -> datetime:
    """S is UTC+2, W and nothing (the meters of the corpus that say nothing were read in winter) UTC+1."""
    try:
        time = datetime.strptime(f"{stamp[:12]}{'+0200' if stamp.endswith('S') else '+0100'}", "%y%m%d%H%M%S%z")
    except ValueError:
        return IMPOSSIBLE
    return time.astimezone(UTC) if 2010 <= time.year <= 2060 else IMPOSSIBLE


def equal(found: Any, value: Any, row: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return isinstance(found, str) and all(part in found for part in value if part)
    if isinstance(found, str):
        return found == value or found == unhexed(value)
    if found is None or not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return False
    return Decimal(str(found)) == Decimal(value).scaleb(BASE.get(str(row["unit"]).lower(), 0))


def unhexed(text: str) -> str | None:
    return bytes.fromhex(text).decode("latin-1") if re.fullmatch(r"([0-9A-Fa-f]{2}){3,}", text) else None


def schema(obis: str) -> tuple[str, dict[str, str]] | None:
    """Measurement and tags by the arithmetic of the codes (Blue Book, table 6): C is a quantity, plus 20 a phase."""
    match = re.fullmatch(r"(?:1-\d+:)?(\d+)\.([78])\.(\d)", obis)
    if not match:
        return None
    c, d, e = map(int, match.groups())
    quantity, phase = c % 20 or 20, PHASES.get(c // 20 * 20)
    if d == 7 and e == 0 and phase and quantity in POWERS:
        measurement, direction = POWERS[quantity]
        return measurement, {"phase": phase, "direction": direction}
    if d == 7 and e == 0 and phase not in (None, "total") and quantity in (11, 12):
        return ("current" if quantity == 11 else "voltage"), {"phase": str(phase)}
    if d == 8 and c in ENERGIES:
        measurement, direction = ENERGIES[c]
        tariff = {"direction": direction, "tariff": str(e)}
        return (f"{measurement}_tariff", tariff) if e else (measurement, {"phase": "total", "direction": direction})
    return None
