"""Secrets out of texts that others wrote."""

from __future__ import annotations

import re

LONG = 8  # characters: what is shorter stands in ordinary words, and says nothing there


def masked(text: str, secret: str) -> str:
    """`text` with an ellipsis for the secret; a short one only where it stands alone, not within a word.

    >>> masked("InfluxDB says: x is no token, nor is a-long-secret1", "x")
    'InfluxDB says: … is no token, nor is a-long-secret1'
    """
    pattern = re.escape(secret)
    return re.sub(pattern if len(secret) >= LONG else rf"(?<!\w){pattern}(?!\w)", "…", text)
