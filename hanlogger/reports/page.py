"""The page of a report: one file of HTML with its shapes and its style within."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined, Template

from hanlogger.language import Language
from hanlogger.reports.facts import Facts
from hanlogger.reports.view import make_view
from hanlogger.reports.words import ReportSpeech


def write_page(
    meter: str, facts: Facts, before: Facts, year_before: Facts, language: Language, zone: str, now: datetime
) -> str:
    """Return the page of a meter's term as HTML. before, year_before: what it is compared with. zone: IANA name."""
    say = ReportSpeech(language, ZoneInfo(zone))
    return _load_template().render(
        view=make_view(meter, facts, before, year_before, say, now), t=say, language=language
    )


@cache
def _load_template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((files("hanlogger.reports") / "report.html").read_text("utf-8"))
