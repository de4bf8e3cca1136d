"""Asking an Eltariff API for tariffs, and the report of what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote, urlsplit

from hanlogger.errors import ConfigError, HanloggerError
from hanlogger.http import Limits, NoAnswer, Pool
from hanlogger.humanize import clean_text, format_count
from hanlogger.tariffs.base import Choice
from hanlogger.tariffs.eltariff.answer import is_chosen, list_tariffs, load_answer, read_one, refuse_choice
from hanlogger.tariffs.eltariff.tariff import describe_choice
from hanlogger.tariffs.node import Node
from hanlogger.tariffs.reading import build_tree

LIMITS = Limits(connect=10.0, read=60.0, most=33_554_432)  # some thousand tariffs
NOT_FOR_ALL = (401, 403, 404, 405)
"""Statuses with which an API answers that gives one tariff to those alone who have a login, or never."""

OK = 200
REFUSED = "refused"
MOVED = range(300, 400)


def ask(url: str, identity: str | None) -> bytes:
    """Return the answer of an API, as it came, for one tariff or, where it has none for all the world, for all.

    url: the base address, with or without `/tariffs` at its end. ConfigError where it is no address of one,
    HanloggerError where nothing comes that is an answer.
    """
    address = find_address(url)
    try:
        pool = Pool(address, LIMITS)
        if identity and not address.rstrip("/").endswith(quote(identity)):
            status, body = _get(pool, f"{address}/{quote(identity, safe='')}")
            if status == OK:
                return body
            if status not in NOT_FOR_ALL:
                raise HanloggerError(_make_error(address, status, body))
        status, body = _get(pool, address)
    except NoAnswer as error:
        raise HanloggerError(f"{address}: {error}") from error
    if status != OK:
        raise HanloggerError(_make_error(address, status, body))
    return body


def find_address(url: str) -> str:
    """Return the address of the tariffs of an API, by its base address; ConfigError where it is no address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise ConfigError(f"{clean_text(url)} is no address; give that of an API, such as https://HOST/gridtariff/v0")
    if parts.query or parts.fragment:
        raise ConfigError(f"{clean_text(url)}: give the address without ? and #; --id, --product and --name choose")
    base = url.rstrip("/")
    return base if "tariffs" in parts.path.split("/")[-3:] else f"{base}/tariffs"


def _get(pool: Pool, address: str) -> tuple[int, bytes]:
    answer = pool.request("GET", address, headers={"Accept": "application/json"})
    if answer.status in MOVED:
        to = clean_text(answer.headers.get("Location", "nowhere"))
        raise HanloggerError(f"{address}: it has moved ({answer.status}) to {to}; give that address")
    if len(answer.data) >= LIMITS.most:
        raise HanloggerError(f"{address}: its answer is longer than {LIMITS.most} bytes; choose one by --id")
    return answer.status, answer.data


def _make_error(address: str, status: int, body: bytes) -> str:
    return f"{address}: answers {status} {clean_text(body[:200].decode('utf-8', 'replace'))}".rstrip()


def report(text: str, choice: Choice) -> Iterator[str]:
    """Yield what can be said of the tariffs of an answer that are chosen: which are read, with which deviations.

    ConfigError where it is no answer, where none is chosen, or where none can be read.
    """
    try:
        answer = load_answer(text)
        every = list(list_tariffs(answer))
        chosen = [tariff for tariff in every if is_chosen(tariff, choice)]
        if not chosen:
            raise ConfigError(refuse_choice([], every, choice))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    reports = [list(_report_one(answer, tariff, choice)) for tariff in chosen]
    yield from chain.from_iterable(reports)
    if all(each[0].startswith(REFUSED) for each in reports):
        raise ConfigError(f"nothing can be read of {format_count(len(chosen), 'tariff')}; the report says why")


def _report_one(answer: Node, tariff: Node, choice: Choice) -> Iterator[str]:
    """Yield the report of one tariff: whether it is read or refused, and its deviations."""
    called = describe_choice(tariff.fields)
    try:
        found = read_one(answer, tariff, choice)
        build_tree(found.tree)
    except ValueError as error:
        yield f"{REFUSED}: {called}: {error}"
        return
    yield f"read: {called}: {format_count(len(found.deviations), 'deviation')}"
    yield from (f"  {deviation}" for deviation in found.deviations)
