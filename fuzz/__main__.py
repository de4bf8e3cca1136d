"""`python -m fuzz LAW [--seconds N] [--findings DIR]`, or `python -m fuzz LAW FILE` to try an input again."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

TRACED = ["hanlogger.framing", "hanlogger.decoding", "hanlogger.points.points", "hanlogger.points.timestamp"]

with atheris.instrument_imports(include=TRACED):
    from fuzz.laws import LAWS, seeds

from fuzz.messages import messages  # noqa: E402 what is to be traced must be imported first

LONGEST = 20_000  # octets of an input: more than the longest telegram
SLOW = 10  # seconds that no input may take
LARGEST = 50  # MB that no input may ask for at once
ALL = 512  # MB of the process, the fuzzer's own tables and corpus included


def main() -> None:
    """Fuzz one law: end with 0 where nothing was found; else libFuzzer says what, and keeps the input."""
    asked = _arguments()
    if asked.file:
        LAWS[asked.law](asked.file.read_bytes())
        return
    asked.findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds(asked.law, messages())):
            Path(folder, f"seed-{number:03}").write_bytes(seed)
        options = (
            f"-max_total_time={asked.seconds} -seed={asked.seed} -max_len={LONGEST} -timeout={SLOW} "
            f"-malloc_limit_mb={LARGEST} -rss_limit_mb={ALL} -print_final_stats=1 -artifact_prefix={asked.findings}/"
        )
        atheris.Setup([sys.argv[0], *options.split(), folder], LAWS[asked.law])
        atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("law", choices=sorted(LAWS))
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
