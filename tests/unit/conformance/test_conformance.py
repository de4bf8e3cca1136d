"""What a meter sends against the Swedish industry recommendation: each rule with a telegram that breaks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.conformance import FORMS, Finding, Level, examine
from hanlogger.conformance.rows import ROWS
from hanlogger.model import Frame
from tests.support.logger import call
from tests.support.octets import arc
from tests.support.ports import telegram

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PERFECT = telegram(0, "p1-landisgyr")


def altered(*changes: tuple[bytes, bytes], octets: bytes = PERFECT) -> bytes:
    """The telegram with changes, and the checksum that is then right."""
    for old, new in changes:
        assert old in octets
        octets = octets.replace(old, new, 1)
    text = octets[: octets.rindex(b"!") + 1]
    return text + f"{arc(text):04X}\r\n".encode()


def found(*telegrams: bytes, live: bool = False, every: float = 10.0, damaged: int = 0) -> dict[str, Finding]:
    frames = [Frame("p1", one.rstrip(), NOON + timedelta(seconds=every * at)) for at, one in enumerate(telegrams)]
    findings = examine(frames, damaged=damaged, live=live)
    assert len({finding.rule for finding in findings}) == len(findings)
    return {finding.rule: finding for finding in findings}


def test_a_telegram_as_it_is_asked_for_has_no_finding() -> None:
    assert found(PERFECT) == {}


def test_there_are_27_rows() -> None:
    assert len(ROWS) == 27
    assert str(ROWS["1-0:1.8.0"]) == "8.3*kWh"


ROW = b"1-0:72.7.0("
CLOCK = PERFECT[PERFECT.index(b"0-0:1.0.0(") + 10 :][:13]


@pytest.mark.parametrize(
    ("rule", "level", "seen", "octets"),
    [
        ("rows missing", Level.ALLOWED, "1-0:1.8.0", altered((b"1-0:1.8.0(", b"1-0:1.8.9("))),
        ("rows missing", Level.FAULT, "0-0:1.0.0", altered((b"0-0:1.0.0(", b"0-0:1.0.9("))),
        ("rows beyond the 27", Level.ALLOWED, "1-0:14.7.0", altered((b"!", b"1-0:14.7.0(50.0*Hz)\r\n!"))),
        ("identity of the meter", Level.DEVIATION, "0-0:96.1.0", altered((b"!", b"0-0:96.1.0(7340001)\r\n!"))),
        ("rows repeated", Level.DEVIATION, "1-0:31.7.0", altered((b"!", b"1-0:31.7.0(001.0*A)\r\n!"))),
        ("unit", Level.FAULT, "in W", altered((b"*kW)", b"*W)"))),
        ("spelling of a unit", Level.ALLOWED, "in kvarh", altered((b"kVArh", b"kvarh"))),
        ("form of a value", Level.FAULT, "1-0:1.8.0()", altered((b"1-0:1.8.0(", b"1-0:1.8.0()\r\n1-0:9.8.0("))),
        ("width", Level.DEVIATION, "1-0:1.8.0 as 9.3*kWh", altered((b"1-0:1.8.0(", b"1-0:1.8.0(0"))),
        ("identification", Level.FAULT, "/NWA-X", altered((PERFECT[: PERFECT.index(b"\r")], b"/NWA-X"))),
        ("line ends", Level.FAULT, "1 lines", altered((b"*kWh)\r\n", b"*kWh)\n"))),
        ("empty line", Level.FAULT, "none", altered((b"\r\n\r\n", b"\r\n"))),
        ("end", Level.DEVIATION, "behind the last row", altered((b")\r\n!", b")!"))),
        ("checksum", Level.FAULT, "none", PERFECT[: PERFECT.rindex(b"!") + 1]),
        ("checksum", Level.FAULT, "0000, where", PERFECT[: PERFECT.rindex(b"!") + 1] + b"0000"),
        ("checksum", Level.DEVIATION, "", PERFECT[: PERFECT.rindex(b"!")] + PERFECT[PERFECT.rindex(b"!") :].lower()),
        ("clock flag", Level.DEVIATION, "S", altered((CLOCK, CLOCK[:12] + b"S"))),
        ("clock", Level.FAULT, "no time", altered((CLOCK, b"261399999999W"))),
        ("clock", Level.FAULT, "2026-01-01", altered((CLOCK, b"2026-01-01 12"))),
        ("format", Level.FAULT, "begins with 7EA2", b"\x7e\xa2\x00"),
    ],
)
def test_what_differs_is_told_with_what_is_asked(rule: str, level: Level, seen: str, octets: bytes) -> None:
    findings = found(octets)
    assert rule in findings, findings
    assert findings[rule].level is level
    assert seen in findings[rule].seen.en
    assert findings[rule].cited.startswith("A.")
    assert findings[rule].asked


def test_rows_in_another_order_are_allowed() -> None:
    rows = PERFECT.split(b"\r\n")
    rows[3], rows[4] = rows[4], rows[3]
    (finding,) = found(altered(octets=b"\r\n".join(rows))).values()
    assert (finding.rule, finding.level) == ("order of the rows", Level.ALLOWED)
    assert finding.seen.en == "another order from 1-0:2.8.0 on"


def test_a_finding_is_told_once_with_the_number_of_its_telegrams() -> None:
    other = altered((b"1-0:1.8.0(", b"1-0:1.8.0(0"))
    assert found(PERFECT, other, other)["width"].telegrams == 2


def test_damaged_telegrams_are_a_fault() -> None:
    assert found(PERFECT, damaged=3)["damaged telegrams"].telegrams == 3


def at(hours: int, seconds: int = 0) -> bytes:
    """A telegram whose clock is so far from standard time at noon UTC."""
    local = NOON + timedelta(hours=1 + hours, seconds=seconds)
    return altered((CLOCK, local.strftime("%y%m%d%H%M%SW").encode()))


@pytest.mark.parametrize(("hours", "seconds", "seen"), [(1, 0, "+1 h"), (-1, 0, "-1 h"), (0, 90, "+90 s")])
def test_a_clock_that_is_not_standard_time_is_told_where_it_came_live(hours: int, seconds: int, seen: str) -> None:
    assert seen in found(at(hours, seconds), live=True)["clock"].seen.en
    assert "clock" not in found(at(hours, seconds))


def test_a_clock_in_standard_time_is_as_asked() -> None:
    assert "clock" not in found(at(0, 59), live=True)


@pytest.mark.parametrize(("every", "rules"), [(10.0, set()), (1.0, set()), (10.4, set()), (11.0, {"interval"})])
def test_telegrams_come_at_least_each_ten_seconds(every: float, rules: set[str]) -> None:
    octets = [at(0, round(every * number)) for number in range(5)]
    assert found(*octets, live=True, every=every).keys() == rules
    assert not found(*octets, every=every)


def test_a_pause_and_an_irregular_interval_are_told() -> None:
    seconds = [0, 10, 20, 30, 46, 56]
    frames = [Frame("p1", at(0, second).rstrip(), NOON + timedelta(seconds=second)) for second in seconds]
    findings = {finding.rule: finding for finding in examine(frames, live=True)}
    assert findings["interval"].seen == ("once 16.0 s, else 10.0 s", "en gång 16,0 s, annars 10,0 s")
    assert findings["jitter"].seen == ("10.0 to 16.0 s", "10,0 till 16,0 s")


def test_the_worst_is_told_first() -> None:
    octets = altered((b"kVArh", b"kvarh"), (b"*kWh)\r\n", b"*kWh)\n"), (b"1-0:1.7.0(", b"1-0:1.7.0(0"))
    assert [finding.level for finding in found(octets).values()] == [Level.FAULT, Level.DEVIATION, Level.ALLOWED]


def test_findings_of_one_rule_come_in_the_same_order_each_time() -> None:
    octets = altered((b"kVArh", b"kvarh"), (b"*kVAr)", b"*kvar)"))
    findings = examine([Frame("p1", octets.rstrip(), NOON)])
    assert [finding.rule for finding in findings] == ["spelling of a unit"] * 2
    assert [finding.seen for finding in findings] == sorted(finding.seen for finding in findings)


def test_a_page_shows_what_a_meter_sent_as_text() -> None:
    octets = altered((PERFECT[: PERFECT.index(b"\r")], b"/X<b>"))
    page = FORMS["html"]("meter & co", 1, list(found(octets).values()), "en")
    assert "/X&lt;b&gt;" in page
    assert "meter &amp; co" in page
    assert "<b>" not in page


# --- the command


def test_the_command_tells_of_a_file_and_its_exit_status_of_faults(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(PERFECT)
    bad.write_bytes(altered((b"*kWh)\r\n", b"*kWh)\n")) * 2)
    done = call(tmp_path, "conformance", str(good))
    assert (done.returncode, done.stdout) == (0, f"{good}: 1 telegram, as asked\n")
    done = call(tmp_path, "conformance", str(bad), "--format", "json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["telegrams"], told["findings"][0]["rule"]) == (2, "line ends")


def test_the_command_speaks_the_language_of_the_locale_or_the_one_that_is_asked_for(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(altered((b"1-0:1.8.0(", b"1-0:1.8.0(0")) + PERFECT)
    done = call(tmp_path, "conformance", str(bad), environ={"LANG": "sv_SE.UTF-8"})
    assert done.stdout == (
        f"{bad}: 2 telegram, 1 skillnad mot Branschrekommendation för lokalt kundgränssnitt 2.0\n"
        "AVVIKELSE  bredd: 1-0:1.8.0 som 9.3*kWh (1 av 2 telegram)\n"
        "           begärt: 8.3*kWh; andra bredder för transformatormätare (docs/protocol.md A.1, A.6)\n"
    )
    english = call(tmp_path, "conformance", str(bad), "--lang", "en", environ={"LANG": "sv_SE.UTF-8"})
    assert "DEVIATION  width: 1-0:1.8.0 as 9.3*kWh (1 of 2 telegrams)" in english.stdout
    bad.write_bytes(altered((b"1-0:1.8.0(", b"1-0:1.8.0(0")))
    assert "as 9.3*kWh\n" in call(tmp_path, "conformance", str(bad)).stdout, "of all telegrams no number is told"
    page = call(tmp_path, "conformance", str(bad), "--lang", "sv", "--format", "html").stdout
    assert '<html lang="sv">' in page
    assert "<th>begärt</th>" in page
    told = json.loads(call(tmp_path, "conformance", str(bad), "--lang", "sv", "--format", "json").stdout)
    assert [told["findings"][0][key] for key in ("rule", "level", "seen")] == [
        "width",
        "deviation",
        "1-0:1.8.0 som 9.3*kWh",
    ]


def test_the_command_listens_to_a_port(tmp_path: Path) -> None:
    done = call(tmp_path, "conformance", "demo:", "--seconds", "2")
    assert "demo:: " in done.stdout
    assert "standard time" not in done.stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["x", "--format", "pdf"], "table, json, html"),
        (["x"], "found no port; allowed: a file, a device"),
        ([__file__], "no telegram was found"),
        (["/proc/self/mem"], "/proc/self/mem cannot be read: Input/output error"),
    ],
)
def test_what_cannot_be_examined_is_said(tmp_path: Path, given: list[str], words: str) -> None:
    done = call(tmp_path, "conformance", *given)
    assert done.returncode == 2
    assert words in done.stderr


def test_an_exclamation_mark_within_a_text_does_not_end_the_telegram() -> None:
    assert found(altered((b"\r\n!", b"\r\n0-0:96.13.0(a!b)\r\n!"))).keys() == {"rows beyond the 27"}
