"""Checks of single settings beyond their type. Each function returns the value, or raises ValueError."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from hanlogger.address import Address
from hanlogger.config.units import check_name, to_duration
from hanlogger.model import Key
from hanlogger.mqtt.login import BrokerAddress
from hanlogger.points.series import REFUSED_TAGS
from hanlogger.points.timestamp import read_fixed_offset
from hanlogger.prices.areas import AREAS
from hanlogger.sources import LineSettings

TAKEN_TAGS = REFUSED_TAGS | {"label"}

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_KEY = re.compile(r"([0-9A-Fa-f]{32})(?:[:\s]+([0-9A-Fa-f]{32}))?")


def check_line(text: object) -> LineSettings | None:
    """Return line settings such as `2400 8E1`; None for `auto`."""
    if isinstance(text, LineSettings) or text is None:
        return text
    return None if text == "auto" else LineSettings.parse(str(text))


def check_number(given: object) -> object:
    """Refuse true and false, which pydantic takes for 1 and 0."""
    if isinstance(given, bool):
        raise ValueError("not a number")  # noqa: TRY004 pydantic's protocol
    return given


def check_clock(text: str) -> str:
    """Return a clock mode (`auto`, `normal-time`, …) or an offset such as `+02:00`."""
    read_fixed_offset(text)
    return text


def check_zone(text: str) -> str:
    """Return the name of a zone in the IANA time zone database."""
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("not a time zone") from error
    return text


def check_silence(text: object) -> timedelta | None:
    """Return a span of time; None for `auto`."""
    return None if text == "auto" else to_duration(text)


def check_clock_limit(text: object) -> timedelta | None:
    """Return a span of time; None for `off`."""
    return None if text == "off" or text is False else to_duration(text)


def check_web(text: str) -> str:
    """Return an http or https address that has no password in it, less a slash at its end."""
    parts = urlsplit(text)
    whole = parts.hostname and parts.port != 0 and text.isprintable() and " " not in text  # ValueError of a wrong port
    if parts.scheme not in ("http", "https") or not whole or "@" in parts.netloc:
        raise ValueError("not a web address")
    return text.rstrip("/")


def check_webs(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses, each as `check_web` does."""
    return tuple(map(check_web, texts))


def check_listen(given: object) -> Address | Mapping[str, Address]:
    """Return an address of this computer, or one for each meter by its name."""
    if isinstance(given, Mapping):
        return {check_name(name): Address.parse(str(text)) for name, text in given.items()}
    return Address.parse(str(given))


def check_broker(text: str) -> str:
    """Return the address of an MQTT broker, which has neither a user nor a path."""
    BrokerAddress.parse(text)
    return text.rstrip("/")


def check_prefix(text: str) -> str:
    """Return a topic under which messages may be published, less a slash at its end."""
    if not text.strip("/") or set(text) & set("+#\0") or not text.isprintable():
        raise ValueError("not a topic")
    return text.rstrip("/")


def check_page_address(given: object) -> Address | None:
    """Return an address of this computer; None for `off` and for an empty text."""
    return given if isinstance(given, Address) else None if given in ("", "off") else Address.parse(str(given))


def check_host_names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of hosts in small letters, as browsers send them, without a port."""
    for name in given:
        if not _HOST_NAME.fullmatch(name):
            raise ValueError("not the name of a host")
    return tuple(name.lower() for name in given)


def check_meter_patterns(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return patterns that the name of a meter can fit."""
    for pattern in given:
        if not re.fullmatch(r"[A-Za-z0-9_*?-]+", pattern):
            raise ValueError("not a pattern of names")
    return given


def check_fingerprint(text: str) -> str:
    """Return the SHA-256 of a certificate as hex digits without colons."""
    digits = text.replace(":", "").strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("not a fingerprint")
    return digits


def check_area(text: str) -> str:
    """Return the name of an area of the market, in capital letters."""
    if text.upper() not in AREAS:
        raise ValueError("not an area")
    return text.upper()


def check_price_url(text: str) -> str:
    """Return a web address with places for a day; "" for "": the one that is known for the area."""
    names = set(re.findall(r"\{(.*?)\}", text))
    if text and not ({"year", "month", "day"} <= names <= {"year", "month", "day", "area"}):
        raise ValueError("not the address of a day")
    return check_web(text) if text else ""


def check_token(text: SecretStr) -> SecretStr:
    """Return a token that may stand in the header of a request."""
    value = text.get_secret_value()
    if not value.isascii() or not value.isprintable():
        raise ValueError("not a token")
    return text


def check_client_id(text: str) -> str:
    """Return a client id that every broker takes: MQTT 5 (section 3.1.3.1) promises 23 characters, all take 128."""
    if len(text) > 128 or not text.isprintable() or "+" in text or "#" in text or "/" in text:
        raise ValueError("not a client id")
    return text


def check_target(text: SecretStr) -> SecretStr:
    """Return an e-mail address or the address of a webhook."""
    value = text.get_secret_value()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+|https?://\S+", value):
        raise ValueError("neither an e-mail address nor a webhook")
    return text


def check_path(path: Path) -> Path:
    """Return a path that a file can have, on one line, in whatever encoding; no folder of an unknown user."""
    if _has_controls(str(path)) or os.path.expanduser(path).startswith("~"):  # noqa: PTH111 Path's own raises
        raise ValueError("not a path")
    return path


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(sign) == "Cc" for sign in text)


def check_tag_value(text: str) -> str:
    """Return a text that InfluxDB takes as the value of a tag (docs/influxdb.md 2), and a terminal shows as it is."""
    if _has_controls(text) or text.endswith("\\"):
        raise ValueError("not a text on one line")
    return text


def check_tags(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return tags whose names neither hanlogger nor InfluxDB uses."""
    for key, value in given.items():
        if key in TAKEN_TAGS or not _TAG.fullmatch(key) or not value:
            raise ValueError(f"no tag: {key}")
        check_tag_value(value)
    return given


def check_keys(given: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Return texts of which each is a key."""
    for one in given:
        check_key(one.get_secret_value())
    return given


def check_key(text: str) -> Key:
    """Return the key of a text: `ENCRYPTION` or `ENCRYPTION:AUTHENTICATION`, each 32 hex digits."""
    match = _KEY.fullmatch(text.strip())
    if not match:
        raise ValueError("not a key")
    return Key(bytes.fromhex(match[1]), bytes.fromhex(match[2]) if match[2] else None)
