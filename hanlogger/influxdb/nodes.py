"""Ask every process of a VictoriaMetrics what it has counted, and how it was started.

A VictoriaMetrics of one node is one process. A cluster is several: vminsert takes lines and answers 204 before any
vmstorage has them, a vmstorage counts what it drops, and a vmselect answers questions and deletes. The setting `nodes`
names them; each says itself, by its metrics, which of them it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb.counters import Counters, Role, add_up, list_storages, read_counters, recognise
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.flags import describe_flags, read_copies, read_flags
from hanlogger.influxdb.victoria_servers import VictoriaServers, get_root


class Nodes:
    """The processes of one VictoriaMetrics."""

    def __init__(self, to: Destination, servers: VictoriaServers) -> None:
        self._of_cluster = bool(to.nodes)
        self._urls = to.nodes or (get_root(to.url),)
        self._servers = servers
        self._copies = 1  # of each row that a vminsert sends

    def count(self) -> Counters:
        """Return what all have counted so far; raise WriteUnavailable where one does not tell, or one is missing."""
        told = {url: self._ask(url) for url in self._urls}
        self._check_complete(told)
        return add_up([read_counters(text) for _, text in told.values()])

    def holds_rows(self, counted: Counters) -> bool:
        """Return whether a vminsert has rows that no vmstorage has confirmed yet."""
        return not counted.has_sent_all(self._copies)

    def describe_how_started(self) -> str:
        """Return a sentence about flags by which points are lost or stored twice; "" where all is well."""
        return "; ".join(filter(None, map(self._describe_one, self._urls)))

    def find_select(self) -> str:
        """Return the address of a vmselect; raise WriteUnavailable where none is named."""
        for url in self._urls:
            if self._ask(url)[0] == "vmselect":
                return url
        raise _make_error("a cluster deletes by its vmselect, and `nodes` names none: add it")

    def _describe_one(self, url: str) -> str:
        role, _ = self._ask(url)
        status, text = self._servers.get_text(f"{url}/flags")
        told = text if status == 200 else ""
        if role == "vminsert":
            self._copies = read_copies(read_flags(told))
        return describe_flags(told, url, role)

    def _ask(self, url: str) -> tuple[Role, str]:
        """Return which program answers at an address, and its metrics."""
        status, text = self._servers.get_text(f"{url}/metrics")
        role = recognise(text) if status == 200 else None
        if role is None:
            raise _make_error(
                f"what answers {status} to /metrics at {url} is not a VictoriaMetrics, whose counters tell what "
                "it drops: check the address"
            )
        return role, text

    def _check_complete(self, told: Mapping[str, tuple[Role, str]]) -> None:
        """Raise WriteUnavailable unless these are all the processes that count rows."""
        roles = [role for role, _ in told.values()]
        if not self._of_cluster:
            if roles != ["victoria-metrics"]:
                raise _make_error(
                    f"{self._urls[0]} is a {roles[0]} of a cluster: name each of its processes in `nodes`"
                )
            return
        if "vminsert" not in roles:
            raise _make_error("`nodes` names no vminsert of the cluster: add the one that is written to")
        named = roles.count("vmstorage")
        for url, (role, text) in told.items():
            if role == "vminsert" and (known := len(list_storages(text))) != named:
                raise _make_error(
                    f"the vminsert at {url} writes to {known} vmstorage, and `nodes` names {named} of them"
                )


def _make_error(words: str) -> WriteUnavailable:
    return WriteUnavailable(words, needs_user=True)
