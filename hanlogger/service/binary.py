"""The command of this installation, and whether a service may run it."""

from __future__ import annotations

import os
import pwd
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import hanlogger
from hanlogger.errors import ConfigError

PEOPLE = 1000  # the first user id of a person

SYSTEM_WIDE = """\
a service cannot run a hanlogger that is under a home folder ({found}): it sees none, and whoever may write there
could change what it runs. Install it for the system, and then from there:
  sudo python3 -m venv /opt/hanlogger
  sudo /opt/hanlogger/bin/pip install {what}
  sudo /opt/hanlogger/bin/hanlogger service install"""


def find_binary() -> Path:
    """Return the path of this installation's command, which need not exist."""
    return Path(sysconfig.get_path("scripts")) / "hanlogger"


def find_installed_binary() -> Path:
    """Return the path of this installation's command; ConfigError where a part of it is under a home folder."""
    binary = find_binary()
    parts = (binary, Path(sys.executable), Path(sys.base_prefix), *map(Path, hanlogger.__path__))
    refuse_home(parts, list_homes())
    if not os.access(binary, os.X_OK):
        raise ConfigError(f"there is no command {binary}: install hanlogger with pip, pipx or uv")
    return binary


def refuse_home(parts: Iterable[Path], folders: Iterable[Path]) -> None:
    """Raise ConfigError where a part is in one of the folders, by its own path or by that which it links to."""
    paths = [path for part in parts for path in (part, part.resolve())]
    folders = list(folders)
    found = next((path for path in paths if any(path.is_relative_to(folder) for folder in folders)), None)
    if found is not None:
        raise ConfigError(SYSTEM_WIDE.format(found=found, what=_find_checkout() or "hanlogger"))


def list_homes() -> list[Path]:
    """Return the folders where people keep their files."""
    own = [Path(user.pw_dir) for user in pwd.getpwall() if user.pw_uid >= PEOPLE and Path(user.pw_dir) != Path("/")]
    return [
        Path("/home"),
        Path("/root"),
        Path("/run/user"),
        *(home for home in own if home.parts[1:2] != ("nonexistent",)),
    ]


def _find_checkout() -> str:
    """Return the folder of a checkout that hanlogger runs from; "" for an installed package."""
    root = Path(hanlogger.__path__[0]).parent
    return str(root) if (root / "pyproject.toml").exists() else ""
