"""Take secrets out of texts that others wrote."""

from __future__ import annotations

import re

LONG = 8  # characters; a shorter secret may be part of ordinary words, and is not revealed by them


def mask(text: str, secret: str) -> str:
    """Return `text` with an ellipsis for the secret; a short one is masked only where it is a word of its own.

    >>> mask("InfluxDB says: x is no token, nor is a-long-secret1", "x")
    'InfluxDB says: … is no token, nor is a-long-secret1'
    """
    pattern = re.escape(secret)
    return re.sub(pattern if len(secret) >= LONG else rf"(?<!\w){pattern}(?!\w)", "…", text)
