"""Findings as a table for people, as JSON for programs, and as a page to send, in English or Swedish."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape

from hanlogger.conformance.finding import Finding, Level
from hanlogger.language import Language, Text

Report = Callable[[str, int, Sequence[Finding], Language], str]

HEAD = (
    Text("level", "vikt"),
    Text("rule", "regel"),
    Text("seen", "sett"),
    Text("asked", "begärt"),
    Text("protocol.md", "protocol.md"),
    Text("telegrams", "telegram"),
)
LEVELS: Mapping[Level, Text] = {
    Level.FAULT: Text("fault", "fel"),
    Level.DEVIATION: Text("deviation", "avvikelse"),
    Level.ALLOWED: Text("allowed", "tillåtet"),
}
RULES: Mapping[str, Text] = {
    "checksum": Text("checksum", "kontrollsumma"),
    "clock": Text("clock", "klocka"),
    "clock flag": Text("clock flag", "klockans flagga"),
    "damaged telegrams": Text("damaged telegrams", "skadade telegram"),
    "empty line": Text("empty line", "tom rad"),
    "end": Text("end", "slut"),
    "form of a value": Text("form of a value", "värdets form"),
    "format": Text("format", "format"),
    "identification": Text("identification", "identifikation"),
    "identity of the meter": Text("identity of the meter", "mätarens identitet"),
    "interval": Text("interval", "intervall"),
    "jitter": Text("jitter", "jitter"),
    "line ends": Text("line ends", "radslut"),
    "order of the rows": Text("order of the rows", "radernas ordning"),
    "rows beyond the 27": Text("rows beyond the 27", "rader utöver de 27"),
    "rows missing": Text("rows missing", "rader saknas"),
    "rows repeated": Text("rows repeated", "rader upprepas"),
    "spelling of a unit": Text("spelling of a unit", "enhetens stavning"),
    "unit": Text("unit", "enhet"),
    "width": Text("width", "bredd"),
}
TITLE = Text("Conformance of {name}", "Överensstämmelse för {name}")
ASKED = Text("asked", "begärt")
OFTEN = Text(" ({number} of {telegrams} telegrams)", " ({number} av {telegrams} telegram)")
ONE_TELEGRAM, TELEGRAMS = Text("1 telegram", "1 telegram"), Text("{number} telegrams", "{number} telegram")
AS_ASKED = Text("{telegrams}, as asked", "{telegrams}, som begärt")
ONE_DIFFERENCE, DIFFERENCES = Text("1 difference", "1 skillnad"), Text("{number} differences", "{number} skillnader")
DIFFERS = Text(
    "{telegrams}, {differences} from the Swedish industry recommendation 2.0",
    "{telegrams}, {differences} mot Branschrekommendation för lokalt kundgränssnitt 2.0",
)

_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px sans-serif;margin:2em}}td,th{{border:1px solid #888;padding:.3em .6em;text-align:left}}
table{{border-collapse:collapse}}.fault td:first-child{{font-weight:bold}}</style>
<h1>{title}</h1><p>{words}</p>
<table><tr>{head}</tr>
{rows}
</table></html>"""


def as_table(name: str, telegrams: int, findings: Sequence[Finding], language: Language) -> str:
    """Return the findings as lines, each with what is asked below it."""
    lines = [f"{name}: {_summarise(telegrams, findings).to(language)}"]
    for finding in findings:
        every = finding.telegrams >= telegrams
        often = "" if every else OFTEN.fill(number=finding.telegrams, telegrams=telegrams).to(language)
        level, rule = LEVELS[finding.level].to(language), RULES[finding.rule].to(language)
        lines += [f"{level.upper():9}  {rule}: {finding.seen.to(language)}{often}"]
        lines += [f"{'':9}  {ASKED.to(language)}: {finding.asked.to(language)} (docs/protocol.md {finding.cited})"]
    return "\n".join(lines)


def as_json(name: str, telegrams: int, findings: Sequence[Finding], language: Language) -> str:
    """Return the findings as one JSON object. Its rules and levels are the same in each language."""
    rows = [
        {**finding._asdict(), "seen": finding.seen.to(language), "asked": finding.asked.to(language)}
        for finding in findings
    ]
    return json.dumps({"source": name, "telegrams": telegrams, "findings": rows}, ensure_ascii=False, indent=2)


def as_html(name: str, telegrams: int, findings: Sequence[Finding], language: Language) -> str:
    """Return the findings as a page that needs nothing else."""
    return _PAGE.format(
        language=language,
        title=escape(TITLE.fill(name=name).to(language)),
        words=escape(_summarise(telegrams, findings).to(language)),
        head="".join(f"<th>{escape(word.to(language))}</th>" for word in HEAD),
        rows="\n".join(_make_row(finding, language) for finding in findings),
    )


def _make_row(finding: Finding, language: Language) -> str:
    texts = (LEVELS[finding.level], RULES[finding.rule], finding.seen, finding.asked)
    cells = (*(text.to(language) for text in texts), finding.cited, str(finding.telegrams))
    return f'<tr class="{finding.level}">{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _summarise(telegrams: int, findings: Sequence[Finding]) -> Text:
    many = ONE_TELEGRAM if telegrams == 1 else TELEGRAMS.fill(number=telegrams)
    if not findings:
        return AS_ASKED.fill(telegrams=many)
    number = ONE_DIFFERENCE if len(findings) == 1 else DIFFERENCES.fill(number=len(findings))
    return DIFFERS.fill(telegrams=many, differences=number)


FORMS: Mapping[str, Report] = {"table": as_table, "json": as_json, "html": as_html}
"""The forms of a report, by the name that the option --format has for them."""
