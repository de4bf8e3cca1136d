"""Any reading: strategies for codes, rows and times, and the good messages of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from hanlogger.decoding import decode
from hanlogger.framing import find_all
from hanlogger.model import Civil, Frame, Key, Meter, Obis, Reading, Register
from hanlogger.points.catalogue import CATALOGUE

HOME = Meter("home")
RECEIVED = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)

groups = st.integers(0, 255)
codes = st.sampled_from(list(CATALOGUE)) | st.builds(Obis, st.sampled_from([0, 1, 7]), groups, groups, groups, groups)
reduced = codes.map(lambda obis: obis._replace(a=None, b=None))
odd = codes.map(lambda obis: obis._replace(e=None, f=None))
stamps = st.none() | st.datetimes().map(lambda time: Civil(time.replace(microsecond=0), None, "W"))
values = st.decimals() | st.text(max_size=8)
rows = st.builds(Register, codes | reduced | odd, values, st.sampled_from(["", "W", "Wh", "m3", "V", "GJ"]), stamps)


def messages(corpus: Path) -> Iterator[tuple[dict[str, Any], list[Frame]]]:
    """Every file of the corpus that has good messages, with its facts and frames."""
    for file in sorted(corpus.glob("*.json")):
        facts = json.loads(file.read_text())
        if facts.get("format") == "p1-lines" or (facts.get("encrypted") and not facts.get("key")):
            continue
        frames = [
            event for event in find_all((corpus / facts["file"]).read_bytes(), RECEIVED) if isinstance(event, Frame)
        ]
        if frames:
            yield facts, frames


def read(facts: dict[str, Any], frame: Frame) -> Reading:
    own = [bytes.fromhex(facts[name]) if facts.get(name) else None for name in ("key", "auth_key")]
    return decode(frame, HOME, [Key(own[0], own[1])] if own[0] else [])
