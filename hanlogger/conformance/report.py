"""Findings as a table for people, as JSON for programs, and as a page to send."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape

from hanlogger.conformance.finding import Finding
from hanlogger.humanize import count_telegrams, format_count

HEAD = ("level", "rule", "seen", "asked", "protocol.md", "telegrams")
Report = Callable[[str, int, Sequence[Finding]], str]

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px sans-serif;margin:2em}}td,th{{border:1px solid #888;padding:.3em .6em;text-align:left}}
table{{border-collapse:collapse}}.fault td:first-child{{font-weight:bold}}</style>
<h1>{title}</h1><p>{words}</p>
<table><tr>{head}</tr>
{rows}
</table></html>"""


def as_table(name: str, telegrams: int, findings: Sequence[Finding]) -> str:
    """Return the findings as lines, each with what is asked below it."""
    lines = [f"{name}: {_summarise(telegrams, findings)}"]
    for finding in findings:
        often = "" if finding.telegrams >= telegrams else f" ({finding.telegrams} of {telegrams} telegrams)"
        lines += [f"{finding.level.upper():9}  {finding.rule}: {finding.seen}{often}"]
        lines += [f"{'':9}  asked: {finding.asked} (docs/protocol.md {finding.cited})"]
    return "\n".join(lines)


def as_json(name: str, telegrams: int, findings: Sequence[Finding]) -> str:
    """Return the findings as one JSON object."""
    rows = [finding._asdict() for finding in findings]
    return json.dumps({"source": name, "telegrams": telegrams, "findings": rows}, ensure_ascii=False, indent=2)


def as_html(name: str, telegrams: int, findings: Sequence[Finding]) -> str:
    """Return the findings as a page that needs nothing else."""
    head = "".join(f"<th>{escape(word)}</th>" for word in HEAD)
    rows = "\n".join(_make_row(finding) for finding in findings)
    title = f"Conformance of {name}"
    return _PAGE.format(title=escape(title), words=escape(_summarise(telegrams, findings)), head=head, rows=rows)


def _make_row(finding: Finding) -> str:
    cells = (finding.level, finding.rule, finding.seen, finding.asked, finding.cited, str(finding.telegrams))
    return f'<tr class="{finding.level}">{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _summarise(telegrams: int, findings: Sequence[Finding]) -> str:
    many = count_telegrams(telegrams)
    if not findings:
        return f"{many}, as asked"
    return f"{many}, {format_count(len(findings), 'difference')} from the Swedish industry recommendation 2.0"


FORMS: Mapping[str, Report] = {"table": as_table, "json": as_json, "html": as_html}
"""The forms of a report, by the name that the option --format has for them."""
