"""Restore the ids of the rows of a corrupt file from the order in which the rows stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise


def put_in_order(ids: Iterable[int]) -> Iterator[int | None]:
    """Yield for each id, as the rows stand in the file, the id that it was; None where that cannot be told.

    >>> list(put_in_order([298, 299, 812, 301, 44, 303, 5, 304]))
    [298, 299, 300, 301, 302, 303, None, 304]
    """
    last = 0
    for this, following in pairwise(chain(ids, (None,))):
        if this is None:
            return
        right: int | None = this
        too_high = following is not None and last < following <= this != last + 1
        if this <= last or too_high:
            right = last + 1 if following is None or not last < following <= last + 1 else None
        last = right or last
        yield right
