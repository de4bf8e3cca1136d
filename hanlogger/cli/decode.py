"""`hanlogger decode`: the messages in files are decoded and printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from hanlogger.cli.decode_output import JSON, LINES, TABLE, Bad, Good, Output
from hanlogger.cli.shared.terminal import open_standard_input, tell
from hanlogger.decoding import decode as read
from hanlogger.decoding import describe_unread
from hanlogger.errors import ConfigError, DecodeError
from hanlogger.model import METER_NAME, BadFrame, Key, Meter
from hanlogger.points.timestamp import read_fixed_offset, resolve_timestamp
from hanlogger.recordings.file import MessageFile

_KEY_OCTETS = 16


def decode(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Octets, hex text or a capture; - is standard input.")
    ],
    clock: Annotated[str, typer.Option(metavar="MODE", help="auto normal-time flag local utc receive +HH:MM")] = "auto",
    key: Annotated[str, typer.Option(metavar="HEX|@FILE", help="Encryption key of an encrypted meter.")] = "",
    auth_key: Annotated[str, typer.Option(metavar="HEX|@FILE", help="Its authentication key.")] = "",
    meter: Annotated[str, typer.Option(metavar="NAME", help="Name of the meter in line protocol.")] = "meter",
    lines: Annotated[bool, typer.Option("--lines", help="Line protocol instead of JSON.")] = False,
    table: Annotated[bool, typer.Option("--table", help="A table for people.")] = False,
) -> None:
    """Decode the messages in FILEs, and print one JSON object a line.

    Exit status 1 when something was damaged, cut off or could not be read, also a value among others; 2 for wrong
    usage.
    """
    if lines and table:
        raise ConfigError("--lines and --table are two forms of output: give one of them")
    settings = Meter(_check_meter_name(meter), clock=_check_clock(clock))
    keys = _read_keys(key, auth_key)
    output = LINES if lines else TABLE if table else JSON
    damaged = False
    for file in files:
        with _open(file) as opened:
            messages = MessageFile(opened, file)
            damaged |= _print_all(messages, output, settings, keys)
    raise typer.Exit(int(damaged))


def _print_all(file: MessageFile, output: Output, meter: Meter, keys: Sequence[Key]) -> bool:
    """Print the messages of a file; return whether anything in it was damaged."""
    damaged = False
    for message in _read_messages(file, meter, keys):
        if isinstance(message, Good):
            output.good(message)
        else:
            output.bad(message)
            damaged = True
    if file.cut:
        tell(file.cut)
    return damaged or bool(file.cut)


def _read_messages(file: MessageFile, meter: Meter, keys: Sequence[Key]) -> Iterator[Good | Bad]:
    """Yield the messages in order, because the time of one decides in the doubled hour which hour the next is in."""
    before = None
    for event in file.find_events(together=True):
        if isinstance(event, BadFrame):
            yield Bad(event.reason, event.format, len(event.data))
            continue
        try:
            reading = read(event, meter, keys)
        except DecodeError as error:
            yield Bad(str(error), event.format, len(event.data))
            continue
        timestamp = resolve_timestamp(reading, meter, None, judge=False, after=before)
        yield Good(event, reading, meter, timestamp)
        if words := describe_unread(reading):
            yield Bad(words, event.format, len(event.data))
        before = timestamp.time or before


def _open(file: str) -> AbstractContextManager[BinaryIO]:
    if file == "-":
        return nullcontext(open_standard_input())
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from None


def _check_meter_name(name: str) -> str:
    if not METER_NAME.fullmatch(name):
        raise ConfigError(f"--meter {name!r}: allowed are the letters A to Z and a to z, digits, _ and -")
    return name


def _check_clock(clock: str) -> str:
    try:
        read_fixed_offset(clock)
    except ValueError as error:
        raise ConfigError(f"--clock: {error}") from None
    return clock


def _read_keys(encryption: str, authentication: str) -> Sequence[Key]:
    if authentication and not encryption:
        raise ConfigError("--auth-key opens nothing alone: give the encryption key too, by --key")
    if not encryption:
        return ()
    return (Key(_read_key("--key", encryption), _read_key("--auth-key", authentication) if authentication else None),)


def _read_key(option: str, given: str) -> bytes:
    """Return the octets of a key; ConfigError, which never shows the value, as it may be a key with a typing error."""
    try:
        octets = bytes.fromhex(Path(given[1:]).read_text("ascii", "replace") if given.startswith("@") else given)
    except OSError as error:
        raise ConfigError(f"{option}: {given[1:]}: {error.strerror or error}") from None
    except ValueError:
        octets = b""
    if len(octets) != _KEY_OCTETS:
        raise ConfigError(f"{option}: allowed are 32 hex digits or @ and the name of a file that holds them")
    return octets
