"""Recognise the texts of ports, and guess what was meant by any other text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from hanlogger.config.checks import check_path
from hanlogger.humanize import shorten
from hanlogger.model import METER_NAME
from hanlogger.sources import AUTO, BROKERS, ENDING, OPENERS, VIA, WEB, check_broker, find_scheme
from hanlogger.sources.web import PATHS

DEVICES = (Path("/dev"), Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
ALIASES = {"tcp": "socket", "raw": "socket", "telnet": "rfc2217", "serial": "", "device": "", "tty": "", "com": ""}
"""What other programs call the kinds of ports."""

_KINDS = [kind for kind in (*OPENERS, *BROKERS, *ENDING) if len(kind) > 1]
_ADDRESS = re.compile(r"(localhost(?=:)|\d+(?:\.\d+){3}|[\w-]+(?:\.[\w-]+)+(?=:)|\[[0-9A-Fa-f:]+\])(?::(\d+))?")
_DEVICE = re.compile(r"(tty|cu\.|serial|rfcomm)\w*", re.IGNORECASE)

NO_PORT = "not a port"
"""The error for a text that is no port; advice follows it where it is clear what was meant."""

_ADVICE = (
    (
        re.compile(r"https?://.*", re.IGNORECASE),
        "Telegrams are read from http://HOST/api/v1/telegram (HomeWizard), https://HOST/api/telegram (its API 2), "
        "http://HOST/data.json?node_id=1 (Tibber) and ws://HOST/PATH, or from a raw TCP server, as socket://HOST:PORT",
    ),
    (
        re.compile(r"(?:socket|rfc2217)://(?:[^:/@\[\]]+|\[[0-9a-f:]+\]):\d+", re.IGNORECASE),
        "The number behind the host is a TCP port, from 1 to 65535",
    ),
    (
        re.compile(r"com\d+:?", re.IGNORECASE),
        "That is a name of Windows: here an adapter is a device such as /dev/ttyUSB0, and hanlogger doctor lists them",
    ),
)
"""Advice by the form of a text from which no port can be guessed."""


def check_port(text: str) -> str:
    """Return the text of a port that is complete and of a known kind.

    A device that is missing now may be plugged in later, but then its path has to name a folder. ValueError for any
    other text; it says what to do, where that is clear: "not a port. Did you mean demo:?".
    """
    if _is_port(text):
        return text
    advice = advise(text)
    raise ValueError(f"{NO_PORT}. {advice}" if advice else NO_PORT)


def advise(text: str) -> str:
    """Return a sentence that says what to give in the place of a text that is no port; "" if that is not clear."""
    for form, advice in _ADVICE:
        if form.fullmatch(text.strip()):
            return advice
    if fault := _find_fault_of_broker(text):
        return fault[0].upper() + fault[1:]
    near = guess_port(text)
    return f"Did you mean {shorten(near)}?" if near else ""


def _find_fault_of_broker(url: str) -> str:
    """Return what is wrong with the address of a broker and a topic; "" for nothing, or another kind of port."""
    if find_scheme(url) not in BROKERS or "://" not in url:
        return ""
    try:
        check_broker(url)
    except ValueError as error:
        return str(error)
    return ""


def _is_port(text: str) -> bool:
    kind = find_scheme(text)
    if text.startswith(VIA):
        return bool(METER_NAME.fullmatch(text.removeprefix(VIA)))
    if kind in BROKERS:
        return "://" in text and not _find_fault_of_broker(text)
    if kind in ("socket", "rfc2217"):
        return _has_host_and_port(text)
    if kind in WEB:
        return _is_web_port(text)
    if kind == "":
        return _may_be_device(text)
    return text in (AUTO, "-", "demo:") or (kind == "file" and _names_file(text.removeprefix("file:")))


def _names_file(path: str) -> bool:
    try:
        return bool(path and check_path(Path(path)))
    except ValueError:
        return False


def _is_web_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        right = bool(parts.hostname and parts.port != 0 and url.isprintable() and " " not in url)
    except ValueError:  # a port that is no number
        return False
    return right and "@" not in parts.netloc and (parts.scheme.startswith("ws") or parts.path in PATHS)


def _may_be_device(text: str) -> bool:
    begins_as_path = text.startswith(("/", "./", "../"))
    try:
        path = Path(text)
        return bool(text and not path.is_file() and not path.is_dir() and (path.exists() or begins_as_path))
    except OSError:  # in a folder that is closed to us, or too long for a name
        return begins_as_path


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        return False


def guess_port(text: str) -> str:
    """Return the port that was probably meant: `demo:` for `demo`, `/dev/ttyUSB0` for `ttyUSB0`; "" if unclear."""
    try:
        return next(_list_guesses(text.strip()), "")
    except OSError:  # too long for the name of a file
        return ""


def _list_guesses(text: str) -> Iterator[str]:
    head, colon, rest = text.partition(":")
    word = head.strip("/").lower()
    yield from (port for port in (AUTO, "demo:") if word == port.rstrip(":"))
    if "/" not in text and text:
        yield from (str(folder / text) for folder in DEVICES if (folder / text).exists())
    if text and Path(text).is_file():
        yield f"file:{text}"
    if address := _ADDRESS.fullmatch(text):
        yield f"socket://{address[1]}:{address[2] or 'PORT'}"
    if colon and (kind := _find_kind(word)) is not None:
        yield from _complete(kind, rest)
    if _DEVICE.fullmatch(text.removeprefix("dev/")):
        yield f"/dev/{text.removeprefix('dev/')}"
    yield from (port for port in (AUTO, "demo:") if difflib.get_close_matches(word, [port.rstrip(":")], 1, 0.7))


def _find_kind(word: str) -> str | None:
    near = difflib.get_close_matches(word, _KINDS, 1, 0.7)
    return ALIASES.get(word, near[0] if near else None)


def _complete(kind: str, rest: str) -> Iterator[str]:
    address = rest.lstrip("/")
    if kind in ("socket", "rfc2217"):
        host, _, port = address.rpartition(":") if ":" in address else (address, "", "")
        yield f"{kind}://{host or 'HOST'}:{port if port.isdigit() else 'PORT'}"
    elif kind in BROKERS:
        yield f"{kind}://{address or 'HOST/TOPIC'}"
    elif kind == "file":
        yield f"file:{rest or 'PATH'}"
    elif kind == "":
        yield f"/{address}" if address.startswith("dev/") else f"/dev/{address or 'ttyUSB0'}"
    else:
        yield kind if kind == AUTO else f"{kind}:"
