"""What was probably meant by a text that is no port."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from hanlogger.sources import AUTO, ENDING, OPENERS

DEVICES = (Path("/dev"), Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
WORDS = {"tcp": "socket", "raw": "socket", "telnet": "rfc2217", "serial": "", "device": "", "tty": "", "com": ""}
"""Other programs' words for kinds of ports."""

_KINDS = [kind for kind in (*OPENERS, *ENDING) if len(kind) > 1]
_ADDRESS = re.compile(r"(localhost(?=:)|\d+(?:\.\d+){3}|[\w-]+(?:\.[\w-]+)+(?=:)|\[[0-9A-Fa-f:]+\])(?::(\d+))?")
_DEVICE = re.compile(r"(tty|cu\.|serial|rfcomm)\w*", re.IGNORECASE)


def meant(text: str) -> str:
    """`demo` -> `demo:`, `ttyUSB0` -> `/dev/ttyUSB0`, `tcp://h:1` -> `socket://h:1`; nothing where it is not clear."""
    return next(_guesses(text.strip()), "")


def _guesses(text: str) -> Iterator[str]:
    head, colon, rest = text.partition(":")
    word = head.strip("/").lower()
    yield from (port for port in (AUTO, "demo:") if word == port.rstrip(":"))
    if "/" not in text and text:
        yield from (str(folder / text) for folder in DEVICES if (folder / text).exists())
    if text and Path(text).is_file():
        yield f"file:{text}"
    if address := _ADDRESS.fullmatch(text):
        yield f"socket://{address[1]}:{address[2] or 'PORT'}"
    if colon and (kind := _kind(word)) is not None:
        yield from _of_kind(kind, rest)
    if _DEVICE.fullmatch(text.removeprefix("dev/")):
        yield f"/dev/{text.removeprefix('dev/')}"
    yield from (port for port in (AUTO, "demo:") if difflib.get_close_matches(word, [port.rstrip(":")], 1, 0.7))


def _kind(word: str) -> str | None:
    near = difflib.get_close_matches(word, _KINDS, 1, 0.7)
    return WORDS.get(word, near[0] if near else None)


def _of_kind(kind: str, rest: str) -> Iterator[str]:
    address = rest.lstrip("/")
    if kind in ("socket", "rfc2217"):
        host, _, port = address.rpartition(":") if ":" in address else (address, "", "")
        yield f"{kind}://{host or 'HOST'}:{port if port.isdigit() else 'PORT'}"
    elif kind == "file":
        yield f"file:{rest or 'PATH'}"
    elif kind == "":
        yield f"/{address}" if address.startswith("dev/") else f"/dev/{address or 'ttyUSB0'}"
    else:
        yield kind if kind == AUTO else f"{kind}:"
