"""What a setting may be, beyond its type. Each returns the value or raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from hanlogger.config.near_port import meant
from hanlogger.config.units import duration
from hanlogger.model import Key
from hanlogger.points.series import REFUSED_TAGS
from hanlogger.points.timestamp import read_fixed_offset
from hanlogger.sources import AUTO, LineSettings, scheme

TAKEN_TAGS = REFUSED_TAGS | {"label"}

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEY = re.compile(r"([0-9A-Fa-f]{32})(?:[:\s]+([0-9A-Fa-f]{32}))?")


HINT = "did you mean "


def port(text: str) -> str:
    """Give the port back, if it is of a kind that is known, and complete.

    ValueError, which says what was probably meant where that is clear: "did you mean demo:?". A device that is not
    there may be plugged in later; but a name without a folder is then no device.
    """
    if _is_port(text):
        return text
    near = meant(text)
    raise ValueError(f"{HINT}{near}?" if near else "not a port")


def _is_port(text: str) -> bool:
    kind = scheme(text)
    if kind in ("socket", "rfc2217"):
        return _has_host_and_port(text)
    if kind == "":
        return _may_be_device(text)
    return text in (AUTO, "-", "demo:") or (kind == "file" and text != "file:")


def _may_be_device(text: str) -> bool:
    path = Path(text)
    if not text or path.is_file() or path.is_dir():
        return False
    return path.exists() or text.startswith(("/", "./", "../"))


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        return False


def line(text: object) -> LineSettings | None:
    """None: `auto`."""
    if isinstance(text, LineSettings) or text is None:
        return text
    return None if text == "auto" else LineSettings.parse(str(text))


def number(given: object) -> object:
    """Pydantic takes true for 1."""
    if isinstance(given, bool):
        raise ValueError("not a number")  # noqa: TRY004 pydantic's protocol
    return given


def clock(text: str) -> str:
    """A clock mode, or an offset."""
    read_fixed_offset(text)
    return text


def zone(text: str) -> str:
    """A zone of the IANA database."""
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("not a time zone") from error
    return text


def silence(text: object) -> timedelta | None:
    """A time; None for `auto`."""
    return None if text == "auto" else duration(text)


def clock_limit(text: object) -> timedelta | None:
    """A time; None for `off`."""
    return None if text == "off" or text is False else duration(text)


def web(text: str) -> str:
    """An address without a password in it, less a slash at its end."""
    parts = urlsplit(text)
    whole = parts.hostname and parts.port != 0 and text.isprintable() and " " not in text  # ValueError of a wrong port
    if parts.scheme not in ("http", "https") or not whole or "@" in parts.netloc:
        raise ValueError("not a web address")
    return text.rstrip("/")


def token(text: SecretStr) -> SecretStr:
    """What may stand in the header of a request."""
    value = text.get_secret_value()
    if not value.isascii() or not value.isprintable():
        raise ValueError("not a token")
    return text


def target(text: SecretStr) -> SecretStr:
    """An e-mail address or a webhook."""
    value = text.get_secret_value()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+|https?://\S+", value):
        raise ValueError("neither an e-mail address nor a webhook")
    return text


def tag_value(text: str) -> str:
    """What InfluxDB takes as a tag's value (docs/influxdb.md 2)."""
    if "\n" in text or "\r" in text or text.endswith("\\"):
        raise ValueError("not a text on one line")
    return text


def tags(given: Mapping[str, str]) -> Mapping[str, str]:
    """Tags that hanlogger and InfluxDB leave free."""
    for key, value in given.items():
        if key in TAKEN_TAGS or not _TAG.fullmatch(key) or not value:
            raise ValueError(f"no tag: {key}")
        tag_value(value)
    return given


def keys(given: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Each of them a `key`."""
    for one in given:
        key(one.get_secret_value())
    return given


def key(text: str) -> Key:
    """`ENCRYPTION` or `ENCRYPTION:AUTHENTICATION`, each 32 hex digits."""
    match = _KEY.fullmatch(text.strip())
    if not match:
        raise ValueError("not a key")
    return Key(bytes.fromhex(match[1]), bytes.fromhex(match[2]) if match[2] else None)
