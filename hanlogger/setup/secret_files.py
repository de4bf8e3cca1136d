"""Keep secrets in files, a folder for each reader: random, made once, readable by that reader alone."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

READERS: Mapping[str, int] = {"influxdb": 1000, "grafana": 472, "hanlogger": 10001}
"""The uid under which each service of compose.yaml runs; its folder belongs to it."""

RANDOM: Mapping[str, tuple[str, ...]] = {
    "influxdb": ("admin_password", "admin_token"),
    "grafana": ("admin_password", "influx_password"),
    "hanlogger": (),  # its write token comes from InfluxDB: see hanlogger.setup
}


def make_secrets(directory: Path) -> list[str]:
    """Make each secret whose file is absent or empty, and return their names; put owners and modes right."""
    return [f"{reader}/{name}" for reader in READERS for name in _make(directory / reader, READERS[reader])]


def _make(folder: Path, uid: int) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    absent = [name for name in RANDOM[folder.name] if not read_secret(folder / name)]
    for name in absent:
        write_secret(folder / name, secrets.token_urlsafe(32), uid)
    for path in folder.iterdir():
        _set_access(path, 0o400, uid)
    _set_access(folder, 0o500 if _is_root() else 0o700, uid)  # without root's rights the owner has to write here again
    return absent


def read_secret(path: Path) -> str:
    """Return the secret in a file without white space around it; "" where there is no file, or one that is no text."""
    try:
        return path.read_text("utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def write_secret(path: Path, secret: str, uid: int) -> None:
    """Write a secret whole or not at all, even in a power cut: to another file, which is synced and then renamed."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        _set_access(Path(name), 0o400, uid)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _set_access(path: Path, mode: int, uid: int) -> None:
    path.chmod(mode)
    if _is_root():
        os.chown(path, uid, uid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_root() -> bool:
    return os.geteuid() == 0
