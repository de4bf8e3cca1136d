"""Raise the limit of open files of the process: each port is an open file."""

from __future__ import annotations

import logging
import resource

OTHERS = 200  # open files beside those of ports: the journal by each thread that reads it, databases, pages, clients

log = logging.getLogger(__name__)


def allow_files(ports: int) -> None:
    """Raise the limit of open files as far as ports need and the system allows; warn where that is not enough."""
    needed = ports + OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        log.warning(_TOO_FEW, ports, needed, allowed)


_TOO_FEW = (
    "%d ports need about %d open files, and this system allows %d: raise the limit (ulimit -n, or LimitNOFILE= of the "
    "service), or some ports cannot be opened"
)
