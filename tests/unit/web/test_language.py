"""Languages: chosen by the address, else by the browser; every text in both, with the same facts."""

from __future__ import annotations

import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from hanlogger.language import LANGUAGES
from hanlogger.web.language import PageSpeech, choose_language, load_words
from tests.support.composefile import ROOT

ENGLISH, SWEDISH = (PageSpeech(language, ZoneInfo("Europe/Stockholm")) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("wanted", "accepted", "chosen"),
    [
        (None, "", "en"),
        (None, "sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        (None, "de,en;q=0.5,sv;q=0.4", "en"),
        (None, "en;q=0.2, sv;q=0.3", "sv"),
        (None, "sv;q=0", "en"),
        (None, "nonsense;;;,", "en"),
        ("sv", "en", "sv"),
        ("xx", "sv", "sv"),
    ],
)
def test_the_address_chooses_before_the_browser(wanted: str | None, accepted: str, chosen: str) -> None:
    assert choose_language(wanted, accepted) == chosen


def test_both_languages_have_the_same_texts_with_the_same_facts() -> None:
    english, swedish = (load_words(language) for language in LANGUAGES)
    assert english.keys() == swedish.keys()
    for key in english:
        assert facts(english[key]) == facts(swedish[key]), key


def facts(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(text)))


def test_every_text_is_used() -> None:
    source = "\n".join(
        file.read_text("utf-8") for end in ("*.py", "*.html") for file in (ROOT / "hanlogger" / "web").rglob(end)
    )
    dynamic = re.compile(
        r"unit\.|calendar\.|health\.|page\.(now|energy|costs|health)|costs\.(unit_|at_least|incomplete|unknown)|now\.(warm|over|direction|counter)|energy\.(part|before)_"
    )
    assert [key for key in load_words("en") if key not in source and not dynamic.match(key)] == []


def test_numbers_are_written_as_each_language_does() -> None:
    assert ENGLISH.energy(Decimal(1234567)) == "1\u00a0234.57\u00a0kWh"
    assert SWEDISH.energy(Decimal(1234567)) == "1\u00a0234,57\u00a0kWh"
    assert SWEDISH.number(-1500) == "−1\u00a0500"
    assert ENGLISH.number(-0.004, 2) == "0.00"
    assert ENGLISH.energy(None) == "–"
