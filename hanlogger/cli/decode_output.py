"""Three ways to print a message: JSON for programs, line protocol for a database, a table for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import typer

from hanlogger.cli.shared.terminal import tell
from hanlogger.humanize import format_count
from hanlogger.model import Frame, Meter, Reading, Register
from hanlogger.points.catalogue import look_up
from hanlogger.points.encoder import encode
from hanlogger.points.timestamp import Timestamp, convert_register_clock


class Good(NamedTuple):
    """A message, what it says, and when by its own clock."""

    frame: Frame
    reading: Reading
    meter: Meter
    timestamp: Timestamp


class Bad(NamedTuple):
    """Octets that are no message, or a message that cannot be decoded."""

    error: str
    format: str | None
    octets: int


class Output(NamedTuple):
    """A way to print messages and errors."""

    good: Callable[[Good], None]
    bad: Callable[[Bad], None]


def _print_json(message: Good) -> None:
    reading = message.reading
    shown: dict[str, Any] = {
        "format": message.frame.format,
        "meter_time": _format_iso(message.timestamp.time),
        "registers": list(_list_rows(message, reading.registers)),
    }
    if reading.objects:
        shown["objects"] = list(_list_rows(message, reading.objects))
    if reading.family:
        shown["family"] = reading.family
    if reading.unread:
        shown["unread"] = reading.unread
    if reading.closed:
        shown["closed"] = reading.closed
    if not message.frame.verified:
        shown["verified"] = False
    typer.echo(json.dumps(shown, ensure_ascii=False))


def _list_rows(message: Good, rows: Iterable[Register]) -> Iterator[dict[str, str]]:
    for row in rows:
        value = row.value if isinstance(row.value, str) else format(row.value, "f")
        time = convert_register_clock(row, message.reading, message.meter)
        own_time = {"time": f"{_format_iso(time)}"} if time else {}
        yield {"obis": str(row.obis), "value": value, "unit": row.unit, **own_time}


def _format_iso(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _print_lines(message: Good) -> None:
    encoded = encode(message.reading, message.meter, message.timestamp)
    for line in encoded.lines:
        typer.echo(line, nl=False)
    if encoded.untimed:
        codes = ", ".join(str(register.obis) for register in encoded.untimed)
        number = format_count(len(encoded.untimed), "register")
        tell(f"{message.frame.format}: {number} left out, with a time of its own that cannot be right: {codes}")


def _print_table(message: Good) -> None:
    from rich.console import Console  # noqa: PLC0415 slow to load, and for people only
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    time = _format_iso(message.timestamp.time) or "no time of its own"
    title = f"{message.frame.format}  {time}  {message.reading.family}"
    table = Table("OBIS", "", "value", "unit", "time", title=title.rstrip())
    table.columns[2].justify = "right"
    table.columns[2].overflow = "fold"
    for cells in _list_cells(message):
        table.add_row(*map(escape, cells))
    Console().print(table)


def _list_cells(message: Good) -> Iterator[tuple[str, ...]]:
    rows = message.reading.rows
    for shown, row in zip(_list_rows(message, rows), rows, strict=True):
        known = look_up(row.obis)
        yield shown["obis"], known.english if known else "", shown["value"], shown["unit"], shown.get("time", "")
    for sent in message.reading.unread:
        yield "", "not read", sent, "", ""
    for sent in message.reading.closed:
        yield "", "closed period", sent, "", ""


def _print_bad_json(message: Bad) -> None:
    typer.echo(json.dumps(message._asdict(), ensure_ascii=False))


def _print_bad_text(message: Bad) -> None:
    typer.echo(f"{message.format or 'file'}, {format_count(message.octets, 'octet')}: {message.error}", err=True)


JSON = Output(_print_json, _print_bad_json)
LINES = Output(_print_lines, _print_bad_text)
TABLE = Output(_print_table, _print_bad_text)
