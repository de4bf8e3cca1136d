"""Server-sent events: the parts of a page that change, as the HTML that they are to be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from hanlogger.web.energies import Energies
from hanlogger.web.pages import Page, Pages
from hanlogger.web.site import Site

MOST_LISTENERS = 24
TICK = 0.25  # seconds between two looks at the state
MANY = 5.0  # seconds between two events of a page with all meters
MINUTE = 60.0
SOON = 10.0  # seconds after which what changes each minute is shown anew at first: a new logger knows more by then
QUIET = 15.0  # seconds after which a comment shows that the connection lives


def stream_events(site: Site, pages: Pages, energies: Energies, page: Page) -> Response:
    """Return the events of a page. HTTPException 503 where too many browsers listen."""
    if site.listeners >= MOST_LISTENERS:
        raise HTTPException(503, "too many browsers listen", {"retry-after": "60"})
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(_send_events(site, pages, energies, page), media_type="text/event-stream", headers=headers)


async def _send_events(site: Site, pages: Pages, energies: Energies, page: Page) -> AsyncIterator[str]:
    site.listeners += 1
    try:
        yield "retry: 3000\n\n"
        async for event in _watch(site, pages, energies, page):
            yield event
    finally:
        site.listeners -= 1


async def _watch(site: Site, pages: Pages, energies: Energies, page: Page) -> AsyncIterator[str]:
    """Yield an event whenever the state is new, another each minute, and a comment where nothing else is sent."""
    seen, sent, minute = None, time.monotonic(), time.monotonic() - MINUTE + SOON
    pause = MANY if page.meter is None else 0.0
    while not site.ending:
        now = time.monotonic()
        if site.state is not None and site.state is not seen and now - sent >= pause:
            seen, sent = site.state, now
            yield _format_event("now", _fill_now(pages, page))
        if page.meter is not None and now - minute >= MINUTE:
            minute = now
            yield _format_event("minute", await run_in_threadpool(_fill_minute, pages, energies, page))
        if now - sent >= QUIET:
            sent = now
            yield ": still here\n\n"
        await asyncio.sleep(TICK)


def _fill_now(pages: Pages, page: Page) -> str:
    if page.meter is None:
        return pages.fill("parts/meters.html", page, meters=pages.view_meters(page))
    return pages.fill("parts/now.html", page, now=pages.view_now(page))


def _fill_minute(pages: Pages, energies: Energies, page: Page) -> str:
    return pages.fill("parts/minute.html", page, **pages.collect_minute(page, energies))


def _format_event(name: str, html: str) -> str:
    lines = "\n".join(f"data: {line}" for line in html.splitlines())
    return f"event: {name}\n{lines}\n\n"
