"""The one error of a request: no whole answer came."""

from __future__ import annotations

from hanlogger.errors import HanloggerError
from hanlogger.humanize import clean_text


class NoAnswer(HanloggerError):
    """No whole answer came; the text, in one line, says why. `unsafe`: TLS or its certificates prevented it."""

    def __init__(self, words: str, *, unsafe: bool = False) -> None:
        super().__init__(clean_text(words))
        self.unsafe = unsafe
