"""The table of addresses, and the function that answers each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from importlib.resources import files
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from hanlogger.errors import CaptureError, ConfigError
from hanlogger.web.downloads import format_day, make_capture, write_energies
from hanlogger.web.energies import Energies
from hanlogger.web.energy import read_day, view_energy
from hanlogger.web.events import stream_events
from hanlogger.web.guard import Guard
from hanlogger.web.health import Examiner, put_in_words
from hanlogger.web.metrics import expose
from hanlogger.web.now_json import make_now
from hanlogger.web.pages import Page, Pages
from hanlogger.web.site import Site

WORKERS = 2  # threads that may read the journal at once for pages
STATIC = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


def make_app(site: Site) -> ASGIApp:
    """Return the application that serves the pages of a site."""
    answers = Answers(site)
    routes = [
        Route("/", answers.answer_now),
        Route("/energy", answers.answer_energy),
        Route("/costs", answers.answer_costs),
        Route("/health", answers.answer_health),
        Route("/events", answers.answer_events),
        Route("/download/{size}.csv", answers.answer_energies_file),
        Route("/capture.txt", answers.answer_capture),
        Route("/metrics", answers.answer_metrics),
        Route("/api/now.json", answers.answer_now_json),
        Route("/static/{name}", answers.answer_static),
    ]
    app = Starlette(routes=routes, lifespan=_limit_workers, exception_handlers=answers.handlers)
    return Guard(app, site.settings.web.hosts)


@asynccontextmanager
async def _limit_workers(_: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = WORKERS
    yield


class Answers:
    """The answers to requests. Those that read the journal are plain functions, which run in a thread."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = Pages(site)
        self._energies = Energies(site.history)
        self._examiner = Examiner(site)
        self.handlers: dict[Any, Any] = {HTTPException: self.answer_not_found, Exception: self.answer_fault}

    def answer_now(self, request: Request) -> Response:
        """Answer with a meter's present power; with a list where there are several meters and none is chosen."""
        page = self._read(request)
        if page.meter is None:
            return self._pages.render("meters.html", page, meters=self._pages.view_meters(page))
        return self._pages.render("now.html", page, **self._pages.collect_now(page, self._energies))

    def answer_energy(self, request: Request) -> Response:
        """Answer with a meter's energies."""
        page = self._read(request)
        if page.meter is None:
            return self.answer_now(request)
        day = self._read_day(request, page)
        periods = view_energy(self._energies, page.meter, day, self._site.now, page.say)
        return self._pages.render("energy.html", page, periods=periods, day=day)

    def answer_costs(self, request: Request) -> Response:
        """Answer with what a month costs by the tariffs of the settings."""
        page = self._read(request)
        if page.meter is None:
            return self.answer_now(request)
        if not self._site.settings.tariffs.get(page.meter):
            raise HTTPException(404, page.say("costs.none"))
        from hanlogger.web.costs import view_costs  # noqa: PLC0415 most loggers have no tariff

        try:
            costs = view_costs(self._site, page.meter, self._read_day(request, page), page.say)
        except ConfigError as error:
            raise HTTPException(409, str(error)) from None
        return self._pages.render("costs.html", page, costs=costs)

    def answer_health(self, request: Request) -> Response:
        """Answer with the state of each link from a meter to the databases."""
        page = self._read(request)
        if page.meter is None:
            return self.answer_now(request)
        return self._pages.render("health.html", page, lines=put_in_words(self._examiner.examine(page.meter), page.say))

    async def answer_events(self, request: Request) -> Response:
        """Answer with the parts of a page that change, as they change."""
        page = await run_in_threadpool(self._read, request)
        return stream_events(self._site, self._pages, self._energies, page)

    def answer_energies_file(self, request: Request) -> Response:
        """Answer with energies as CSV, by hour or by day."""
        page, size = self._read(request), request.path_params["size"]
        if page.meter is None or size not in ("hours", "days"):
            raise HTTPException(404, page.say("page.not_found"))
        now = self._site.now
        lines = list(write_energies(self._site, self._energies, page.meter, size, now))
        name = f"{page.meter}-{size}-{format_day(now)}.csv"
        return _answer_file("".join(lines), name, "text/csv")

    def answer_capture(self, request: Request) -> Response:
        """Answer with a redacted capture of the last minutes."""
        page = self._read(request)
        if page.meter is None:
            raise HTTPException(404, page.say("page.not_found"))
        now = self._site.now
        try:
            text = make_capture(self._site.history, page.meter, now)
        except CaptureError as error:
            raise HTTPException(409, page.say("health.report_fails", words=error)) from None
        if not text:
            raise HTTPException(409, page.say("health.report_fails", words=page.say("health.nothing_recorded")))
        return _answer_file(text, f"redacted-{format_day(now)}.capture", "text/plain")

    def answer_metrics(self, request: Request) -> Response:
        """Answer a Prometheus with all metrics, in the format that it asks for."""
        body, content_type = expose(self._site, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    def answer_now_json(self, request: Request) -> Response:
        """Answer with the present values as JSON, for programs."""
        wanted = request.query_params.get("meter")
        if wanted is not None and wanted not in self._site.list_meter_names():
            return JSONResponse({"error": f"no meter {wanted[:40]}"}, 404)
        return JSONResponse(make_now(self._site.state, self._site.now, wanted))

    async def answer_static(self, request: Request) -> Response:
        """Answer with a file of the pages' own."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404)
        data = (files("hanlogger.web") / "static" / name).read_bytes()
        return Response(data, media_type=STATIC[name], headers={"cache-control": "max-age=3600"})

    def answer_not_found(self, request: Request, error: Exception) -> Response:
        """Answer a request that cannot be served, with a page that says why."""
        status, words = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
        if request.url.path.startswith(("/static/", "/metrics", "/api/", "/events")):
            return PlainTextResponse(f"{words}\n", status)
        return self._pages.render_error(request, status, words)

    def answer_fault(self, _: Request, error: Exception) -> Response:
        """Answer after a fault of hanlogger's own, which the guard logs."""
        return PlainTextResponse(f"A fault of hanlogger's: {error!r}. Recording goes on.\n", 500)

    def _read(self, request: Request) -> Page:
        return self._pages.read_page(request)

    def _read_day(self, request: Request, page: Page) -> date:
        """Return the day that a request is about. HTTPException 404 for one that is none, or is to come."""
        asked = request.query_params.get("day")
        try:
            return read_day(asked, self._site.now, page.say.zone)
        except ValueError:
            raise HTTPException(404, page.say("page.wrong_day", text=str(asked)[:40])) from None


def _answer_file(text: str, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)
