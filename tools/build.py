"""A build of wheel and sdist into dist/, each installed and tried in an empty environment.

The environments contain only the packages of requirements.lock, by hash. The exit status is that of the first command
that fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
TELEGRAM = ROOT / "tests" / "fixtures" / "vectors" / "v2.p1"


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """Run a command and return what it printed; end the program with that if the command fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HANLOGGER_"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 ours
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def install_and_try(package: Path) -> str:
    """Install a package, let it decode a telegram, and return the version that the installed program states."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        pip = (folder / "env" / "bin" / "pip", "--disable-pip-version-check", "--quiet", "install")
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", "-r", ROOT / "requirements-build.lock")
        run(*pip, "--no-deps", "--no-build-isolation", package)
        program = folder / "env" / "bin" / "hanlogger"
        if "1-0:1.8.0" not in run(program, "decode", TELEGRAM, folder=folder):
            sys.exit(f"{package.name}: the installed program does not decode {TELEGRAM.name}")
        return run(program, "--version", folder=folder).strip()


def main() -> None:
    """Build both packages and try each of them."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", DIST)
    for package in sorted(DIST.iterdir()):
        print(f"{package.name}: {install_and_try(package)}")


if __name__ == "__main__":
    main()
