"""A check of the locked packages for known weaknesses, by pip-audit. The exit status is 1 if there is one.

A package index need not serve advisories (a mirror), or may be out of reach: then the packages are reported as skipped,
which is not an error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

LOCKS = ("requirements.lock", "requirements-build.lock")


def audited(lock: str) -> list[dict[str, Any]]:
    """Return what pip-audit reports about each package of a lock file."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        lock,
        "--disable-pip",
        "--format=json",
        "--progress-spinner=off",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 ours
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        packages = [{"name": lock, "skip_reason": reason[0]}]
    return packages


def main() -> int:
    """Print each known weakness and return the exit status."""
    packages = [package for lock in LOCKS for package in audited(lock)]
    unknown = [package for package in packages if "skip_reason" in package]
    weak = [(package, one) for package in packages for one in package.get("vulns", ())]
    for package, one in weak:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, mended in {fixed}")
    if unknown:
        words = f"{len(unknown)} of {len(packages)} packages not audited: {unknown[0]['skip_reason']}"
        print(f"skipped: {words}")
    if not weak and not unknown:
        print(f"{len(packages)} packages, no known weakness")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
