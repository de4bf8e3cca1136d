"""A check of the locked packages for known weaknesses, by pip-audit. The exit status is 1 if there is one.

It is 1 too where packages could not be looked up, as a package index may be out of reach, or serve no advisories (a
mirror): what nobody has audited is not known to be well. With --offline (`make check AUDIT=--offline`) that is said,
and let pass.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

LOCKS = ("requirements.lock", "requirements-build.lock")


def audit(lock: str) -> list[dict[str, Any]]:
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


def report(packages: Sequence[dict[str, Any]], *, offline: bool) -> int:
    """Print what was found about packages, and return the exit status. offline: those not audited may pass."""
    unknown = [package for package in packages if "skip_reason" in package]
    weak = [(package, one) for package in packages for one in package.get("vulns", ())]
    for package, one in weak:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, mended in {fixed}")
    if unknown:
        advice = "" if offline else "; where no index with advisories can be reached: make check AUDIT=--offline"
        print(f"{len(unknown)} of {len(packages)} packages not audited: {unknown[0]['skip_reason']}{advice}")
    if not weak and not unknown:
        print(f"{len(packages)} packages, no known weakness")
    return 1 if weak or (unknown and not offline) else 0


def main() -> int:
    """Audit the locked packages and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offline", action="store_true", help="let packages pass that could not be looked up")
    offline = parser.parse_args().offline
    return report([package for lock in LOCKS for package in audit(lock)], offline=offline)


if __name__ == "__main__":
    sys.exit(main())
