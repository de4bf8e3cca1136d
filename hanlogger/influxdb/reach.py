"""How a destination is reached over HTTP, by every command that asks one."""

from __future__ import annotations

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb.destination import Destination
from hanlogger.web import Limits, NoAnswer, Pool


def limits_of(to: Destination) -> Limits:
    """What a request to a destination may take."""
    return Limits(connect=to.connect_timeout, read=to.read_timeout)


def pool_of(to: Destination, limits: Limits) -> Pool:
    """Connections to a destination; WriteUnavailable where its certificates cannot be read."""
    try:
        return Pool(to.url, limits, to.ca_file)
    except NoAnswer as error:
        raise WriteUnavailable(str(error), needs_user=True) from error


def unreachable(error: NoAnswer, to: Destination) -> WriteUnavailable:
    """The error for an answer that did not come."""
    if error.unsafe:
        words = f"no safe connection to {to.url}: {error}: check the address, ca_file and this host's clock"
        return WriteUnavailable(words, needs_user=True)
    return WriteUnavailable(f"InfluxDB at {to.url} cannot be reached: {error}")
