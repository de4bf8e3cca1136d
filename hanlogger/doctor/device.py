"""Check of the serial device: whether it is there, may be opened, and is open in no other process."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hanlogger.doctor.context import PortContext
from hanlogger.doctor.finding import Finding, note, note_well, note_wrong
from hanlogger.errors import SourceError
from hanlogger.sources import AUTO, find_device_path, has_device, list_adapters, resolve_auto

PROC = Path("/proc")
GROUP_MAY = stat.S_IRGRP | stat.S_IWGRP


class Holder(NamedTuple):
    """A process that has a device open."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"


def check_device(context: PortContext) -> Iterator[Finding]:
    """Yield findings about a serial device before it is opened; a port of the running logger is not opened again.

    The only serial adapter that is plugged in takes the place of the port `auto` in `context`.
    """
    if context.reported is not None and context.reported.state in ("open", "silent"):
        yield note_well("device-by-logger", context.name, port=context.port.url)
        return
    if context.port.url == AUTO:
        yield from _choose(context)
    if context.port.scheme == "":
        yield from _look(context, find_device_path(context.port.url))


def _choose(context: PortContext) -> Iterator[Finding]:
    try:
        context.port = resolve_auto(context.port)
    except SourceError:
        found = list_adapters()
        key = "adapters-several" if found else "adapter-none"
        yield note_wrong(key, context.name, ports=_list_names(found))
    else:
        yield note_well("adapter", context.name, port=context.port.url)


def _look(context: PortContext, device: Path) -> Iterator[Finding]:
    facts = {"port": context.port.url}
    if not has_device(device):
        yield note_wrong("device-missing", context.name, **facts, ports=_list_names(list_adapters()))
    elif not _is_device(device):
        yield note_wrong("device-no-port", context.name, **facts)
    elif not _is_permitted(device):
        yield _explain_no_permission(context, device)
    elif holders := find_holders(device):
        yield note("device-shared", context.name, **facts, holders=", ".join(map(str, holders)))
    else:
        yield note_well("device", context.name, **facts)


def _list_names(found: list[Path]) -> str:
    return ", ".join(map(str, found)) or "–"


def _is_device(device: Path) -> bool:
    return stat.S_ISCHR(device.stat().st_mode)


def _is_permitted(device: Path) -> bool:
    return os.access(device, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _explain_no_permission(context: PortContext, device: Path) -> Finding:
    status = device.stat()
    group, user = _get_group_name(status.st_gid), _get_user_name(os.geteuid())
    facts = {"port": context.port.url, "group": group, "user": user}
    if status.st_mode & GROUP_MAY != GROUP_MAY:
        return note_wrong("device-no-permission-for-group", context.name, **facts)
    if user in _list_members(group):
        return note_wrong("device-log-in-again", context.name, **facts)
    return note_wrong("device-no-permission", context.name, **facts)


def _get_group_name(number: int) -> str:
    with contextlib.suppress(KeyError):
        return grp.getgrgid(number).gr_name
    return str(number)


def _get_user_name(number: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _list_members(group: str) -> list[str]:
    with contextlib.suppress(KeyError):
        return grp.getgrnam(group).gr_mem
    return []


def find_holders(device: Path) -> list[Holder]:
    """Return the other processes that have the device open, as far as /proc shows them to this user."""
    wanted = str(device.resolve())
    found = (_describe_holder(process, wanted) for process in PROC.glob("[0-9]*") if int(process.name) != os.getpid())
    return sorted(holder for holder in found if holder)


def _describe_holder(process: Path, device: str) -> Holder | None:
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            if _read_target(descriptor) == device:
                return Holder(int(process.name), (process / "comm").read_text("utf-8", "replace").strip())
    return None


def _read_target(descriptor: Path) -> str:
    with contextlib.suppress(OSError):
        return str(descriptor.readlink())
    return ""
