"""Serial adapters that are plugged in, under names that stay when they are plugged in elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hanlogger.errors import SourceError
from hanlogger.sources.serial_port import HOST

DEV = Path("/dev")
BY_ID = "serial/by-id"
BARE = ("ttyUSB*", "ttyACM*")  # where no udev gives stable names
HINT = "plug one in, or name the port: `hanlogger doctor` lists what there is"


def adapters() -> list[Path]:
    """The devices of all plugged-in adapters, by their stable names where there are any; in a container the host's."""
    return next((found for dev in (DEV, HOST / "dev") if (found := _in(dev))), [])


def plugged_in() -> Path:
    """The one adapter; SourceError, naming them, where there are none or several."""
    match adapters():
        case [one]:
            return one
        case []:
            raise SourceError(f"no serial adapter is plugged in: {HINT}")
        case several:
            names = ", ".join(map(str, several))
            raise SourceError(f"several serial adapters are plugged in, name one of them as port: {names}")


def stable_name(device: str) -> str:
    """The name that stays, of a device given by any of its names; the one given where there is none."""
    path = Path(device)
    return next((str(name) for name in adapters() if name.resolve() == path.resolve()), device)


def _in(dev: Path) -> list[Path]:
    return _entries(dev / BY_ID, ("*",)) or _entries(dev, BARE)


def _entries(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    def found() -> Iterator[Path]:
        for pattern in patterns:
            yield from folder.glob(pattern)

    return sorted(path for path in found() if path.exists())
