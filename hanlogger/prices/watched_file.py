"""A file of prices that is read again when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from hanlogger.prices.price_file import read_price_file
from hanlogger.prices.quarters import WrongPrices
from hanlogger.prices.source import PriceSource


class WatchedFile:
    """The file at a path, and whether it is as it was when its prices were taken."""

    def __init__(self, path: Path, source: PriceSource) -> None:
        self._path, self._source = path, source
        self._taken: tuple[int, int] | None = None
        self._found: tuple[int, int] | None = None

    def read_changed(self) -> Mapping[datetime, Decimal] | None:
        """Return all prices of the file by quarter; None where they have been taken already. Raises WrongPrices."""
        try:
            about = self._path.stat()
            self._found = (about.st_mtime_ns, about.st_size)
            return None if self._found == self._taken else read_price_file(self._path.read_text("utf-8"), self._source)
        except OSError as error:
            raise WrongPrices(f"it cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise WrongPrices("it is not UTF-8 text") from None

    def take(self) -> None:
        """Note that the prices that were returned last are kept."""
        self._taken = self._found
