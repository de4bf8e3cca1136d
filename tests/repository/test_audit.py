"""The check of the locked packages ends well only where all of them were looked up, or need not be."""

from __future__ import annotations

import pytest

from tools.audit import report

WELL = {"name": "wheel", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
NOT_AUDITED = {"name": "lost", "skip_reason": "no index answers"}


@pytest.mark.parametrize(
    ("packages", "offline", "status", "words"),
    [
        ([WELL], False, 0, "1 packages, no known weakness"),
        ([WELL, WEAK], False, 1, "weak 1.0: CVE-1, mended in 1.1"),
        ([WELL, WEAK], True, 1, "weak 1.0: CVE-1, mended in 1.1"),
        ([WELL, NOT_AUDITED], False, 1, "1 of 2 packages not audited: no index answers; where no index"),
        ([WELL, NOT_AUDITED], True, 0, "1 of 2 packages not audited: no index answers"),
    ],
)
def test_the_status_is_that_of_what_is_known(
    packages: list[dict[str, object]], offline: bool, status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(packages, offline=offline) == status
    assert capsys.readouterr().out.startswith(words)
