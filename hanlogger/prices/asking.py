"""Ask for the prices of a day: at a server, which is asked again where it fails, or of a fixed price."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential_jitter,
)

from hanlogger.errors import HanloggerError
from hanlogger.http import Limits, NoAnswer, Server
from hanlogger.prices.answer import read_answer
from hanlogger.prices.quarters import NotPublished, WrongPrices
from hanlogger.prices.source import PriceSource
from hanlogger.tariffs.spot import list_quarters

ATTEMPTS = 4
LIMITS = Limits(connect=10.0, read=20.0, most=262_144)  # a day of quarters is about 15 kB
PACE = wait_exponential_jitter(multiplier=2.0, max=60.0, jitter=3.0)

Pace = Callable[[RetryCallState], float]


class Unavailable(HanloggerError):
    """The server cannot be reached or is in trouble: it may answer later."""


def ask(source: PriceSource, day: date, stop: threading.Event, pace: Pace = PACE) -> Mapping[datetime, Decimal]:
    """Return the prices of a day by the beginning of each quarter; WrongPrices, NotPublished or Unavailable.

    stop: ends the attempts. pace: the seconds between two of them.
    """
    if source.fixed is not None:
        return dict.fromkeys(list_quarters(*source.find_day(day)), source.fixed)
    retrying = Retrying(
        retry=retry_if_exception_type(Unavailable),
        wait=pace,
        stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(stop),
        sleep=sleep_using_event(stop),
        reraise=True,
    )
    return read_answer(retrying(_get, source.make_url(day)), source, day)


def _get(url: str) -> bytes:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        with Server(f"{parts.scheme}://{parts.netloc}", LIMITS) as server:
            answer = server.ask("GET", path)
    except NoAnswer as error:
        raise Unavailable(str(error)) from error
    if answer.status == 404:
        raise NotPublished("not published")
    if answer.status == 429 or answer.status >= 500:
        raise Unavailable(f"it answers {answer.status}")
    if answer.status != 200:
        raise WrongPrices(f"it answers {answer.status}")
    return answer.data
