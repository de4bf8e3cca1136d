"""Records that announce changed intervals or prices to delivery: which quarters, and not their energy or price.

What is written to a database is looked up when it is sent, so that a record that is sent once more never brings back
what has been corrected since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from hanlogger.journal.energy.quarters import Change, find_runs

MOST = 500  # quarters that one record announces: a request's lines are made of whole records


def to_texts(change: Change) -> Iterator[bytes]:
    """Yield the data of the records that announce a change.

    >>> list(to_texts(Change(frozenset({7, 8, 12}), frozenset({(0, 12, "partial")}))))
    [b'{"gone": [[0, 12, "partial"]], "quarters": [[7, 8], [12, 12]]}']
    """
    ordered = iter(sorted(change.quarters))
    while part := list(islice(ordered, MOST)):
        gone = sorted(each for each in change.gone if part[0] <= each[1] <= part[-1])
        yield json.dumps({"gone": gone, "quarters": list(find_runs(part, apart=1))}, sort_keys=True).encode()


def from_text(data: bytes) -> Change:
    """Return the change that a record announces. Raises ValueError for anything else."""
    try:
        content: dict[str, Any] = json.loads(data)
        return Change(
            frozenset(_list_quarters(content)), frozenset((each[0], each[1], each[2]) for each in content["gone"])
        )
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"not an announcement of intervals: {error!r}") from error


def to_price_texts(area: str, quarters: Iterable[int]) -> Iterator[bytes]:
    """Yield the data of the records that announce an area's prices.

    >>> list(to_price_texts("SE3", [8, 7, 12]))
    [b'{"area": "SE3", "quarters": [[7, 8], [12, 12]]}']
    """
    ordered = iter(sorted(quarters))
    while part := list(islice(ordered, MOST)):
        yield json.dumps({"area": area, "quarters": list(find_runs(part, apart=1))}, sort_keys=True).encode()


def from_price_text(data: bytes) -> tuple[str, frozenset[int]]:
    """Return the area and the quarters whose prices a record announces. Raises ValueError for anything else."""
    try:
        content: dict[str, Any] = json.loads(data)
        return str(content["area"]), frozenset(_list_quarters(content))
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"not an announcement of prices: {error!r}") from error


def _list_quarters(content: dict[str, Any]) -> Iterator[int]:
    return (number for first, last in content["quarters"] for number in range(first, last + 1))
