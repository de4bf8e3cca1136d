"""Is the device there, may it be opened, and does nobody else hold it?"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hanlogger.doctor.case import Case
from hanlogger.doctor.finding import Finding, note, well, wrong
from hanlogger.errors import SourceError
from hanlogger.sources import AUTO, adapters, device_path, resolve_auto

PROC = Path("/proc")
GROUP_MAY = stat.S_IRGRP | stat.S_IWGRP


class Holder(NamedTuple):
    """A process that has a device open."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"


def check_device(case: Case) -> Iterator[Finding]:
    """Before it is opened. A port that is no device, or that the running logger has open, is passed over."""
    if case.state is not None and case.state.state in ("open", "silent"):
        yield well("device-by-logger", case.name, port=case.port.url)
        return
    if case.port.url == AUTO:
        yield from _choose(case)
    if case.port.scheme == "":
        yield from _look(case, device_path(case.port.url))


def _choose(case: Case) -> Iterator[Finding]:
    try:
        case.port = resolve_auto(case.port)
    except SourceError:
        found = adapters()
        key = "adapters-several" if found else "adapter-none"
        yield wrong(key, case.name, ports=_names(found))
    else:
        yield well("adapter", case.name, port=case.port.url)


def _look(case: Case, device: Path) -> Iterator[Finding]:
    facts = {"port": case.port.url}
    if not device.exists():
        yield wrong("device-missing", case.name, **facts, ports=_names(adapters()))
    elif not _is_device(device):
        yield wrong("device-no-port", case.name, **facts)
    elif not _permitted(device):
        yield _not_permitted(case, device)
    elif holders := holders_of(device):
        yield note("device-shared", case.name, **facts, holders=", ".join(map(str, holders)))
    else:
        yield well("device", case.name, **facts)


def _names(found: list[Path]) -> str:
    return ", ".join(map(str, found)) or "–"


def _is_device(device: Path) -> bool:
    return stat.S_ISCHR(device.stat().st_mode)


def _permitted(device: Path) -> bool:
    return os.access(device, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _not_permitted(case: Case, device: Path) -> Finding:
    status = device.stat()
    group, user = _group_name(status.st_gid), _user_name(os.geteuid())
    facts = {"port": case.port.url, "group": group, "user": user}
    if status.st_mode & GROUP_MAY != GROUP_MAY:
        return wrong("device-no-permission-for-group", case.name, **facts)
    if user in _members(group):
        return wrong("device-log-in-again", case.name, **facts)
    return wrong("device-no-permission", case.name, **facts)


def _group_name(number: int) -> str:
    with contextlib.suppress(KeyError):
        return grp.getgrgid(number).gr_name
    return str(number)


def _user_name(number: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _members(group: str) -> list[str]:
    with contextlib.suppress(KeyError):
        return grp.getgrnam(group).gr_mem
    return []


def holders_of(device: Path) -> list[Holder]:
    """Other processes that have the device open, as far as /proc shows them to this user."""
    wanted = str(device.resolve())
    found = (_holder(process, wanted) for process in PROC.glob("[0-9]*") if int(process.name) != os.getpid())
    return sorted(holder for holder in found if holder)


def _holder(process: Path, device: str) -> Holder | None:
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            if _target(descriptor) == device:
                return Holder(int(process.name), (process / "comm").read_text("utf-8", "replace").strip())
    return None


def _target(descriptor: Path) -> str:
    with contextlib.suppress(OSError):
        return str(descriptor.readlink())
    return ""
