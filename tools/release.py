"""A check before a release: the version is that of the package, and the changelog has an entry for it with a date.

`python -m tools.release 0.2.0` ends with status 0 if the tag may be published, else with 1 and the reason.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from hanlogger import __version__

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def fault(version: str, package: str, changelog: str) -> str:
    """Return why `version` must not be released, or "" when it may be. package: the version in the code."""
    if version != package:
        return f"the tag says {version or 'nothing'}, hanlogger/__init__.py says {package}"
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        return f"CHANGELOG.md has no heading of the form: ## [{version}] - YYYY-MM-DD"
    return ""


def main() -> int:
    """Print the fault, if there is one, and return the exit status."""
    found = fault("".join(sys.argv[1:2]), __version__, CHANGELOG.read_text("utf-8"))
    print(found or f"{__version__} may be released")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
