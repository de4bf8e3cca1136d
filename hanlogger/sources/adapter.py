"""Plugged-in serial adapters, by names that do not change when an adapter is plugged in elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hanlogger.errors import SourceError
from hanlogger.sources.serial_port import HOST

DEV = Path("/dev")
BY_ID = "serial/by-id"
BARE = ("ttyUSB*", "ttyACM*")  # names of devices where udev has made no stable ones
HINT = "plug one in, or name the port: `hanlogger doctor` lists what there is"


def list_adapters() -> list[Path]:
    """Return the devices of all plugged-in adapters, by stable names where there are any; in a container the host's."""
    return next((found for dev in (DEV, HOST / "dev") if (found := _list_in(dev))), [])


def find_only_adapter() -> Path:
    """Return the one plugged-in adapter; SourceError where there is none, or several, which it names."""
    match list_adapters():
        case [one]:
            return one
        case []:
            raise SourceError(f"no serial adapter is plugged in: {HINT}")
        case several:
            names = ", ".join(map(str, several))
            raise SourceError(f"several serial adapters are plugged in, name one of them as port: {names}")


def find_stable_name(device: str) -> str:
    """Return the stable name of a device that is given by any of its names; the given one where there is none."""
    path = Path(device)
    return next((str(name) for name in list_adapters() if name.resolve() == path.resolve()), device)


def _list_in(dev: Path) -> list[Path]:
    return _list_entries(dev / BY_ID, ("*",)) or _list_entries(dev, BARE)


def _list_entries(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    def found() -> Iterator[Path]:
        for pattern in patterns:
            yield from folder.glob(pattern)

    return sorted(path for path in found() if path.exists())
