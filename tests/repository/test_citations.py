"""Every paper that the code cites is in the repository, and has the section that is cited."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.composefile import ROOT

PAPERS = ("protocol", "design", "influxdb", "decode", "decisions", "words")
CITATION = re.compile(
    rf"docs/({'|'.join(PAPERS)})\.md((?:(?:,|;| and| to)?(?: section)? (?:[A-Z](?:\.\d+)?|V\d+|\d+(?:\.\d+)*)\b)*)"
)
SECTION = re.compile(r"\b([A-Z]\.\d+|V\d+|[A-Z]|\d+(?:\.\d+)*)\b")
SOURCES = [
    file
    for room in ("hanlogger", "tests", "grafana", "fuzz", "benchmarks", "tools")
    for file in (ROOT / room).rglob("*.py")
]


def sections(paper: str) -> set[str]:
    """The numbers of a paper's headings, and of the vectors in it: A.3, 9.4.2, V20."""
    text = (ROOT / "docs" / f"{paper}.md").read_text("utf-8")
    return {
        *re.findall(r"^#+ (\d+(?:\.\d+)*|[A-Z](?:\.\d+)?)\b", text, re.MULTILINE),
        *re.findall(r"^\*\*(V\d+)\*\*", text, re.MULTILINE),
    }


def citations() -> Iterator[tuple[str, str, str]]:
    """File, paper and section of each citation; section "" where the whole paper is meant."""
    for file in SOURCES:
        for paper, cited in CITATION.findall(" ".join(file.read_text("utf-8").split())):
            for section in SECTION.findall(cited) or [""]:
                yield str(file.relative_to(ROOT)), paper, section


def test_the_code_cites_its_papers() -> None:
    assert len(list(citations())) > 60


@pytest.mark.parametrize("paper", PAPERS)
def test_every_citation_finds_its_heading(paper: str) -> None:
    there = sections(paper)
    assert [
        (file, section) for file, cited, section in citations() if cited == paper and section and section not in there
    ] == []


def test_no_paper_is_cited_that_is_not_in_the_repository() -> None:
    named = {name for file in SOURCES for name in re.findall(r"[\w./-]+\.md\b", file.read_text("utf-8"))}
    missing = {name for name in named if not (ROOT / name).exists() and not (ROOT / "docs" / name).exists()}
    assert missing == set()
