"""Read what a server answered, and whether it is InfluxDB 2 that says it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from hanlogger.humanize import clean_text
from hanlogger.influxdb.masking import mask

if TYPE_CHECKING:
    import urllib3

SIGNS = ("X-Influxdb-Version", "X-Influxdb-Build", "X-Platform-Error-Code")
"""Headers of InfluxDB's own answers; its cloud sends at least one of them."""

_ENDS = 12  # characters that may have to go where an answer was cut within an escape sequence


class Answered(NamedTuple):
    """A server's answer. `code` and `words`: those of the JSON of InfluxDB 2's errors; else no code and the text.

    `version` and `code` are one line without control characters.
    """

    status: int
    signed: bool = False  # has a header of InfluxDB's
    version: str = ""  # in those headers
    code: str = ""
    words: str = ""  # the server's, unchanged
    retry_after: str | None = None

    def mask(self, secret: str) -> Answered:
        """Return the answer as it may be shown, with an ellipsis wherever it quotes a secret."""
        version, code, words = (mask(text, secret) for text in (self.version, self.code, self.words))
        return self._replace(version=version, code=code, words=words)

    @property
    def by_influxdb(self) -> bool:
        """Whether InfluxDB 2 itself says that something is wrong, not a proxy, a firewall or another program."""
        return self.signed and bool(self.code)


def read_answer(response: urllib3.BaseHTTPResponse) -> Answered:
    """Return what a response of `http.Pool` says; JSON that was cut within its last text is understood."""
    headers = response.headers
    text = response.data.decode()
    code, words = _read_error(text) if text else ("", "")  # as each 204 has none
    return Answered(
        response.status,
        any(name in headers for name in SIGNS),
        clean_text(headers.get("X-Influxdb-Version", "")),
        clean_text(code),
        words or text,
        headers.get("Retry-After"),
    )


def _read_error(text: str) -> tuple[str, str]:
    """Return code and message of InfluxDB's JSON, the message alone of another's, and "" twice for anything else."""
    content = _read_object(text)
    code, message = content.get("code"), content.get("message")
    if not isinstance(message, str):
        return "", ""
    return (code if isinstance(code, str) else ""), message


def _read_object(text: str) -> dict[str, object]:
    whole = text.strip()
    for candidate in (whole, *(f'{whole[: len(whole) - end]}"}}' for end in range(_ENDS))):
        try:
            content = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return content if isinstance(content, dict) else {}
    return {}
