"""Deleting points of a meter from databases (POST /api/v2/delete; a write token may do it, docs/influxdb.md 9.3)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from hanlogger.errors import HanloggerError, WriteRejected, WriteUnavailable
from hanlogger.http import NoAnswer
from hanlogger.humanize import clean_text
from hanlogger.influxdb import Destination, mask
from hanlogger.influxdb.answers import UNSIGNED, make_error
from hanlogger.influxdb.nodes import Nodes
from hanlogger.influxdb.requests import connect, delete, explain, get_limits
from hanlogger.influxdb.victoria_servers import VictoriaServers

EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""A range that contains every point."""

LONGEST = 600.0  # seconds that a server may take, as it searches all of its files

log = logging.getLogger(__name__)


def erase(to: Destination, meter: str, start: datetime, end: datetime) -> None:
    """Delete every point of a meter from `start` to `end`, both included.

    meter: a name of [A-Za-z0-9_-]+, so that it cannot change the predicate. WriteUnavailable if the database cannot be
    reached or fails; WriteRejected if it refuses the request.
    """
    if to.kind == "victoriametrics":
        if start < end:  # else nothing is to be deleted
            _erase_series(to, meter, whole=(start, end) == EVER)
        return
    token = to.read_token()
    try:
        with connect(to, get_limits(to)._replace(read=LONGEST)) as server:
            answer = delete(server, to, token, meter, start, end)
    except NoAnswer as error:
        words = f"{explain(error, to)}; nothing is deleted from the journal: try it again"
        raise WriteUnavailable(mask(words, token)) from error
    if answer.status != 204:
        raise make_error(answer.mask(token), to, datetime.now(UTC))
    if not answer.signed:
        log.error(UNSIGNED.format(url=to.url))


def _erase_series(to: Destination, meter: str, *, whole: bool) -> None:
    """Delete all series of a meter in a VictoriaMetrics, which can delete nothing less; raise as `erase`."""
    if not whole:
        raise WriteRejected("a VictoriaMetrics deletes all of a meter or nothing: no range of time")
    query = urlencode({"match[]": f'{{meter="{meter}"}}'})
    with VictoriaServers(to, LONGEST) as servers:
        url = _find_deleting(to, servers)
        answer = servers.ask("POST", f"{url}/api/v1/admin/tsdb/delete_series?{query}")
    if answer.status != 204:
        words = clean_text(answer.data.decode("utf-8", "replace"))[:200]
        raise WriteUnavailable(f"VictoriaMetrics at {url} answers {answer.status}: {words}")


def _find_deleting(to: Destination, servers: VictoriaServers) -> str:
    """Return the address that deletes: that of a vmselect where it is a cluster, with the tenant that is written to."""
    if not to.nodes:
        return to.url
    return f"{Nodes(to, servers).find_select()}/delete/{to.tenant}/prometheus"


def erase_each(destinations: Sequence[Destination], meter: str, start: datetime, end: datetime, otherwise: str) -> None:
    """Delete the points of a meter in each database as `erase` does; HanloggerError, with its name, if one refuses.

    otherwise: the text about the databases in which points are deleted already when a later one refuses; {} are their
    names.
    """
    for number, one in enumerate(destinations):
        try:
            erase(one, meter, start, end)
        except HanloggerError as error:
            done = ", ".join(each.name for each in destinations[:number])
            raise HanloggerError(f"{one.name}: {error}" + (f"; {otherwise.format(done)}" if done else "")) from error


def check_erasable(destinations: Sequence[Destination], meter: str) -> None:
    """Raise HanloggerError if a database does not allow points to be deleted, by a deletion where no point can be."""
    erase_each(destinations, meter, EVER[0], EVER[0], "nothing is deleted anywhere")
