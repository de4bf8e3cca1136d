"""A drawing of each kind of list in a capture, from which the layout of a new family of meters is written.

`python -m tools.layout my-meter.txt` prints one value a line, behind the letter of its type that `Layout` has for it
(hanlogger/decoding/layouts.py), and below them the letters together; of lists of one shape only the first. Telegrams
and encrypted messages have no such layout, and are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from hanlogger.decoding.apdu import decode_notification
from hanlogger.decoding.axdr import Value
from hanlogger.decoding.layouts import list_kinds
from hanlogger.decoding.link import extract_content
from hanlogger.errors import DecodeError
from hanlogger.model import Frame
from hanlogger.recordings.file import open_messages


def find_bodies(file: Path) -> Iterator[list[Value]]:
    """Yield the list that each push of a capture carries, in order."""
    with open_messages(file) as messages:
        for event in messages.find_events(together=True):
            if isinstance(event, Frame) and event.format != "p1":
                try:
                    yield decode_notification(extract_content(event)).body
                except (DecodeError, IndexError):
                    continue


def draw(body: list[Value], margin: str = "") -> Iterator[str]:
    """Yield a line for each value: its letter, and what it is; the values of a list within the list stand below it."""
    for letter, value in zip(list_kinds(body), body, strict=True):
        if isinstance(value, list):
            yield f"{margin}{letter}"
            yield from draw(value, f"{margin}    ")
        else:
            yield f"{margin}{letter} {show(value)}"


def show(value: Value) -> str:
    """Return a value for people: octets that are no text are hex."""
    if isinstance(value, bytes) and not (value.isascii() and value.decode().isprintable()):
        return value.hex(" ")
    return repr(value)


def main() -> None:
    """Draw the lists of the capture that the command line names."""
    shapes = set()
    for body in find_bodies(Path(sys.argv[1])):
        kinds = list_kinds(body)
        if kinds not in shapes:
            shapes.add(kinds)
            print(*draw(body), f"{kinds}: {len(body)} values", "", sep="\n")


if __name__ == "__main__":
    main()
