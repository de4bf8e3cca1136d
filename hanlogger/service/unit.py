"""The unit of systemd: a user of its own, who may read serial ports and write the journal, and little else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.sources import find_device_path

USER = "hanlogger"
STATE = Path("/var/lib/hanlogger")
SERIAL_GROUPS = ("dialout", "uucp")
"""Groups that own serial ports: that of Debian, Fedora and others, and that of Arch."""

SERIAL_CLASSES = ("ttyUSB", "ttyACM", "ttyS", "ttyAMA")
"""Classes of /proc/devices: USB adapters, and the ports of PCs and Raspberry Pis."""

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./:@+,=-]+")

TEMPLATE = """\
# Written by `hanlogger service install`, which overwrites it. Your own changes belong in `systemctl edit hanlogger`.
[Unit]
Description=hanlogger: electricity meters to InfluxDB, losing nothing
After=network.target time-set.target modprobe@usbserial.service modprobe@cdc_acm.service
# An adapter may be plugged in later, but DeviceAllow= knows only what the kernel knows when the service starts.
Wants=modprobe@usbserial.service modprobe@cdc_acm.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={command}
Restart=always
RestartSec=5
# Exit status 2: the settings must be changed, and trying again changes nothing.
RestartPreventExitStatus=2
# Fed while every loop turns: reading, recording, delivering. A database that does not answer stops none of them.
WatchdogSec=180
# A corrupt journal is salvaged at the start, which may take long.
TimeoutStartSec=30min
TimeoutStopSec=20

User={user}
Group={user}
{groups}StateDirectory=hanlogger
StateDirectoryMode=0750
# In memory: the state that `hanlogger status` reads changes with each telegram, which would wear a memory card out.
RuntimeDirectory=hanlogger
UMask=0077
{writable}
# Nothing but serial ports.
DevicePolicy=closed
{devices}
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectProc=invisible
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
# A dump of its memory would have the meter's keys in it.
LimitCORE=0
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Needed to ask the kernel whether the clock is synchronised, for which ProtectClock= has to be absent too. Setting the
# clock would need a capability.
SystemCallFilter=adjtimex clock_adjtime

[Install]
WantedBy=multi-user.target
"""


def make_unit(binary: Path, config: Path, settings: Settings | None, groups: Sequence[str]) -> str:
    """Return the text of the unit that runs `binary` with the configuration file `config`.

    `settings`: those of `config`; None where there is no file yet, and then only the usual devices are allowed.
    `groups`: the names of the groups of this machine. ConfigError for settings that no service can have.
    """
    if settings:
        _check(settings, config)
    group = next((name for name in SERIAL_GROUPS if name in groups), "")
    classes = [f"DeviceAllow=char-{name} rw\n" for name in SERIAL_CLASSES]
    return TEMPLATE.format(
        command=" ".join(_quote_argument(word) for word in (str(binary), "run", "--config", str(config))),
        user=USER,
        groups=f"SupplementaryGroups={group}\n" if group else "",
        devices="".join([*classes, *(f"DeviceAllow={_quote(name)} rw\n" for name in _list_other_devices(settings))]),
        writable=_allow_journal(settings, config) if settings else "",
    )


def _check(settings: Settings, config: Path) -> None:
    if not settings.ports:
        raise ConfigError(f"{config}: no port: give one as [[meter]] port")
    for port in settings.ports:
        if port.ends:
            raise ConfigError(
                f"{config}: found port {port.url}, which ends; allowed: one that a service can go on reading"
            )


def _list_other_devices(settings: Settings | None) -> list[str]:
    """Return the devices of the settings that SERIAL_CLASSES do not allow already."""
    devices = [str(find_device_path(port.url)) for port in settings.ports if not port.scheme] if settings else []
    known = tuple(f"/dev/{name}" for name in SERIAL_CLASSES)
    return [name for name in devices if not name.startswith((*known, "/dev/serial/"))]


def _allow_journal(settings: Settings, config: Path) -> str:
    """Return the line that lets the service write a journal outside its state folder; ConfigError under a home."""
    folder = settings.journal.parent
    if folder == STATE:
        return ""
    if folder.is_relative_to("/home") or folder.is_relative_to("/root"):
        raise ConfigError(f"{config}: journal: found a place under a home folder; allowed: {STATE} or another folder")
    return f"ReadWritePaths={_quote(str(folder))}\n"


def _quote_argument(word: str) -> str:
    """Return a text as one word of a command line, in which $ begins a variable (systemd.service(5))."""
    return _quote(word).replace("$", "$$")


def _quote(word: str) -> str:
    """Return a text as one word of a setting, in which % begins a specifier (systemd.syntax(7)); ConfigError."""
    if not word.isprintable():
        raise ConfigError(f"{word!a}: a systemd unit cannot hold this path; allowed: printable characters")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return word if _PLAIN_WORD.fullmatch(word) else f'"{escaped}"'
