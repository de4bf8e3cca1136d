"""Where the seeds come from: the synthetic messages of the tests, and the real ones beside the checkout if any are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "tests" / "fixtures", ROOT.parent / "shared" / "corpus")


def messages() -> Iterator[bytes]:
    """Read the messages as octets, in the order of their names."""
    for folder in FOLDERS:
        for file in sorted(folder.rglob("*")):
            if file.suffix == ".hex":
                yield bytes.fromhex("".join(file.read_text("ascii").split()))
            elif file.suffix in (".p1", ".bin"):
                yield file.read_bytes()
