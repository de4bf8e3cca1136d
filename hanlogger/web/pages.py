"""Read what a request asks for, and fill the templates that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hanlogger import __version__
from hanlogger.web.curve import PARTS, view_curve
from hanlogger.web.energies import Energies
from hanlogger.web.language import PageSpeech, choose_language
from hanlogger.web.now import MeterNow, view_meter, view_meters, view_so_far
from hanlogger.web.periods import find_period
from hanlogger.web.site import Site

HOURS = (1, 6, 24)
"""How many hours a curve may show."""

DEFAULT_HOURS = 6
NO_METERS_ZONE = ZoneInfo("Europe/Oslo")


class Page(NamedTuple):
    """What a request asks for: a meter, a language, the hours of a curve."""

    path: str
    meter: str | None  # None: there are several and none is chosen, or there is none
    meters: list[str]
    say: PageSpeech
    hours: int
    query: Mapping[str, str]

    def make_href(self, path: str | None = None, **changed: object) -> str:
        """Return an address with this meter and language; changed: by its name, what is asked for instead."""
        own = {key: value for key, value in self.query.items() if key in ("meter", "lang")}
        if path is None:
            own = dict(self.query)
        asked = {key: str(value) for key, value in {**own, **changed}.items() if value is not None}
        return (self.path if path is None else path) + (f"?{urlencode(asked)}" if asked else "")


class Pages:
    """The templates, filled with what a page asks for."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("hanlogger.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def read_page(self, request: Request) -> Page:
        """Return what a request asks for. HTTPException 404 for an unknown meter."""
        query = request.query_params
        names = self._site.list_meter_names()
        wanted = query.get("meter") or (names[0] if len(names) == 1 else None)
        zone = self._site.get_zone(wanted) if wanted in names else NO_METERS_ZONE
        say = _choose_speech(request, zone)
        if wanted is not None and wanted not in names:
            raise HTTPException(404, say("page.unknown_meter", name=wanted[:40]))
        hours = int(query.get("hours", "0")) if query.get("hours", "0").isdecimal() else 0
        kept = {key: value for key, value in query.items() if key in ("meter", "lang", "hours", "day")}
        return Page(request.url.path, wanted, names, say, hours if hours in HOURS else DEFAULT_HOURS, kept)

    def render(self, template: str, page: Page, status: int = 200, **values: object) -> Response:
        """Return an answer with a whole page in the reader's language."""
        return HTMLResponse(self.fill(template, page, **values), status, {"content-language": page.say.language})

    def render_error(self, request: Request, status: int, words: str) -> Response:
        """Return a page that says why the request cannot be served."""
        say = _choose_speech(request, NO_METERS_ZONE)
        page = Page(request.url.path, None, self._site.list_meter_names(), say, DEFAULT_HOURS, {})
        told = say("page.not_found") if words in ("", "Not Found") else words
        return self.render("error.html", page, status, words=told)

    def fill(self, template: str, page: Page, **values: object) -> str:
        """Return a template filled with what the page asks for and with values."""
        state = self._site.state
        other = "en" if page.say.language == "sv" else "sv"
        common = {
            "page": page,
            "t": page.say,
            "href": page.make_href,
            "other": other,
            "has_tariff": bool(self._site.settings.tariffs.get(page.meter or "")),
            "version": __version__,
            "logger": state.logger if state else self._site.settings.logger,
        }
        return self._templates.get_template(template).render({**common, **values})

    def view_meters(self, page: Page) -> list[MeterNow]:
        """Return what is shown of each meter where there are several."""
        return view_meters(self._site.state, page.say) if self._site.state else []

    def view_now(self, page: Page) -> MeterNow | None:
        """Return what changes from telegram to telegram; None where nothing is reported about the meter."""
        reported = self._site.get_meter_state(page.meter or "")
        return view_meter(reported, datetime.now(UTC), page.say) if reported else None

    def collect_now(self, page: Page, energies: Energies) -> dict[str, Any]:
        """Return all that the page *Now* shows; it reads the journal."""
        return {"now": self.view_now(page), **self.collect_minute(page, energies)}

    def collect_minute(self, page: Page, energies: Energies) -> dict[str, Any]:
        """Return what changes from minute to minute: the curve, and the energy so far; it reads the journal."""
        meter, now, say = page.meter or "", self._site.now, page.say
        means = self._site.history.compute_power(meter, timedelta(hours=page.hours), PARTS, now)
        begins = find_period("day", now.astimezone(say.zone).date()).list_bounds(say.zone)[0]
        hour = now.replace(minute=0, second=0, microsecond=0)
        since = ((say("now.this_hour"), hour), (say("now.today"), begins))
        told = [view_so_far(title, energies.measure_since(meter, start, now), say) for title, start in since]
        return {"curve": view_curve(means, page.hours, now, say), "so_far": told, "choices": HOURS}


def _choose_speech(request: Request, zone: tzinfo) -> PageSpeech:
    """Return the language that a request asks for, in a zone."""
    return PageSpeech(
        choose_language(request.query_params.get("lang"), request.headers.get("accept-language", "")), zone
    )
