"""The tariffs in the files that settings or a user name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hanlogger.errors import ConfigError
from hanlogger.tariffs.contracts import refuse_overlaps
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.reading import find_base, read_tariff


def load_tariffs(files: Sequence[Path]) -> tuple[Tariff, ...]:
    """Return the tariffs of files, in their order; ConfigError where one is wrong, or two are valid at one time."""
    tariffs = tuple(map(load_tariff, files))
    refuse_overlaps(tariffs)
    return tariffs


def load_tariff(file: Path) -> Tariff:
    """Return the tariff of a file; ConfigError, in one line, where it cannot be read or is wrong."""
    return read_tariff(read_text(file), str(file), lambda base: read_text(file.parent / base))


def list_parts(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return files, each followed by the one that it has as its base; a file that cannot be read has no base."""
    return tuple(part for file in files for part in (file, *_find_base(file)))


def _find_base(file: Path) -> tuple[Path, ...]:
    try:
        base = find_base(read_text(file))
    except ConfigError:
        return ()
    return (file.parent / base,) if base else ()


def read_text(file: Path, what: str = "a tariff file") -> str:
    """Return the text of a file; ConfigError where it cannot be read. what: should be given, by docs/tariffs.md."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(f"{file}: cannot be read ({words}); give {what} as docs/tariffs.md says") from None
